import { S3Error } from './errors.ts';
import { askedListing, entriesXml, lastName, listingXml, objectFields } from './object-listing.ts';
import type { Operation } from './operation.ts';
import { bucketOf } from './own-bucket.ts';
import { openToken, sealToken } from './page-token.ts';
import { xmlDocument, xmlElement, xmlText } from './xml/write-xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html: a token goes before start-after. */
export const listObjectsV2: Operation = async (deps, call) => {
  const { query } = call;
  const asked = askedListing(query);
  const { encode, prefix, delimiter, limit } = asked;
  const token = query.get('continuation-token');
  if (token === '') {
    throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect', {
      ArgumentName: 'continuation-token',
    });
  }
  const startAfter = query.get('start-after');
  const hasOwner = query.get('fetch-owner') === 'true';
  const after = token === undefined ? (startAfter ?? '') : openToken(token);
  const { bucketId } = await bucketOf(deps, call);
  const { entries, isTruncated } = await deps.metadata.listObjects(bucketId, { prefix, delimiter, limit, after });
  const next = isTruncated ? lastName(entries) : undefined;
  return {
    status: 200,
    body: {
      xml: xmlDocument('ListBucketResult', [
        ...listingXml(call.bucketName, asked),
        xmlText('StartAfter', startAfter === undefined ? undefined : encode(startAfter)),
        xmlText('ContinuationToken', token),
        xmlText('NextContinuationToken', next === undefined ? undefined : sealToken(next)),
        xmlText('KeyCount', entries.length),
        xmlText('IsTruncated', isTruncated),
        ...entriesXml(entries, encode, (version) =>
          xmlElement('Contents', [xmlText('Key', encode(version.key)), ...objectFields(version, hasOwner)]),
        ),
      ]),
    },
  };
};
