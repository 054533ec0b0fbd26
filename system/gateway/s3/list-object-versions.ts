import type { ListedVersion, ListingEntry } from '../objects/object-ports.ts';
import { S3Error } from './errors.ts';
import { askedListing, entriesXml, listingXml, objectFields } from './object-listing.ts';
import { isVersionId } from './object-target.ts';
import type { Operation } from './operation.ts';
import { bucketOf } from './own-bucket.ts';
import { ownerXml } from './owner-xml.ts';
import { type Xml, xmlDocument, xmlElement, xmlText } from './xml/write-xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export const listObjectVersions: Operation = async (deps, call) => {
  const { query } = call;
  const asked = askedListing(query);
  const { encode, prefix, delimiter, limit } = asked;
  const keyMarker = query.get('key-marker') ?? '';
  const versionIdMarker = versionMarker(query, keyMarker);
  const { bucketId } = await bucketOf(deps, call);
  const page = { prefix, delimiter, limit, afterKey: keyMarker, afterVersionId: versionIdMarker };
  const { entries, isTruncated } = await deps.metadata.listVersions(bucketId, page);
  return {
    status: 200,
    body: {
      xml: xmlDocument('ListVersionsResult', [
        ...listingXml(call.bucketName, asked),
        xmlText('KeyMarker', encode(keyMarker)),
        xmlText('VersionIdMarker', versionIdMarker ?? ''),
        ...(isTruncated ? nextMarkers(entries.at(-1), encode) : []),
        xmlText('IsTruncated', isTruncated),
        ...entriesXml(entries, encode, (version) => versionXml(version, encode)),
      ]),
    },
  };
};

/** Throws InvalidArgument: a version is a place behind a key, and without one there is none. */
function versionMarker(query: ReadonlyMap<string, string>, keyMarker: string): string | undefined {
  const marker = query.get('version-id-marker');
  if (marker === undefined || (marker === '' && keyMarker === '')) return undefined;
  const why = keyMarker === '' ? 'A version-id marker cannot be specified without a key marker.' : undefined;
  if (why === undefined && isVersionId(marker)) return marker;
  throw new S3Error('InvalidArgument', why ?? 'Invalid version id specified', {
    ArgumentName: 'version-id-marker',
    ArgumentValue: marker,
  });
}

function nextMarkers(last: ListingEntry<ListedVersion> | undefined, encode: (text: string) => string): Xml[] {
  if (last === undefined) return [];
  if ('commonPrefix' in last) return [xmlText('NextKeyMarker', encode(last.commonPrefix))];
  return [xmlText('NextKeyMarker', encode(last.item.key)), xmlText('NextVersionIdMarker', last.item.versionId)];
}

function versionXml(version: ListedVersion, encode: (text: string) => string): Xml {
  const { key, versionId, isLatest, isDeleteMarker } = version;
  const named = [xmlText('Key', encode(key)), xmlText('VersionId', versionId), xmlText('IsLatest', isLatest)];
  if (!isDeleteMarker) return xmlElement('Version', [...named, ...objectFields(version, true)]);
  const owner = ownerXml('Owner', version.owner);
  return xmlElement('DeleteMarker', [...named, xmlText('LastModified', version.lastModified), owner]);
}
