import { askedListing, entriesXml, lastName, listingXml, objectFields } from './object-listing.ts';
import type { Operation } from './operation.ts';
import { bucketOf } from './own-bucket.ts';
import { xmlDocument, xmlElement, xmlText } from './xml/write-xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html: without a delimiter, the last key is the marker. */
export const listObjects: Operation = async (deps, call) => {
  const asked = askedListing(call.query);
  const { encode, prefix, delimiter, limit } = asked;
  const marker = call.query.get('marker') ?? '';
  const { bucketId } = await bucketOf(deps, call);
  const page = { prefix, delimiter, limit, after: marker };
  const { entries, isTruncated } = await deps.metadata.listObjects(bucketId, page);
  const next = isTruncated && delimiter !== '' ? lastName(entries) : undefined;
  return {
    status: 200,
    body: {
      xml: xmlDocument('ListBucketResult', [
        ...listingXml(call.bucketName, asked),
        xmlText('Marker', encode(marker)),
        xmlText('NextMarker', next === undefined ? undefined : encode(next)),
        xmlText('IsTruncated', isTruncated),
        ...entriesXml(entries, encode, (version) =>
          xmlElement('Contents', [xmlText('Key', encode(version.key)), ...objectFields(version, true)]),
        ),
      ]),
    },
  };
};
