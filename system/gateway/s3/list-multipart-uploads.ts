import { ownBucket } from '../objects/find-object.ts';
import type { ListedUpload, ListingEntry } from '../objects/object-ports.ts';
import { keyEncoder } from './encoding-type.ts';
import { S3Error } from './errors.ts';
import { entriesXml } from './object-listing.ts';
import type { Operation, S3Call } from './operation.ts';
import { ownerXml } from './owner-xml.ts';
import { pageNumber } from './paging.ts';
import { type Xml, xmlDocument, xmlElement, xmlText } from './xml/write-xml.ts';

const UPLOADS_MAX = 1_000;

export const listMultipartUploads: Operation = async ({ metadata }, call) => {
  const { bucketName, account, query } = call;
  const encode = keyEncoder(query.get('encoding-type'));
  const page = askedPage(call);
  const bucket = ownBucket(await metadata.bucket(bucketName), account.accountId);
  const { entries, isTruncated } = await metadata.listUploads(bucket.bucketId, page);
  const { prefix, delimiter, limit, afterKey, afterUploadId } = page;
  return {
    status: 200,
    body: {
      xml: xmlDocument('ListMultipartUploadsResult', [
        xmlText('Bucket', bucketName),
        xmlText('KeyMarker', encode(afterKey)),
        xmlText('UploadIdMarker', afterUploadId ?? ''),
        ...(isTruncated ? nextMarkers(entries.at(-1), encode) : []),
        xmlText('Prefix', encode(prefix)),
        xmlText('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
        xmlText('EncodingType', query.get('encoding-type') || undefined),
        xmlText('MaxUploads', limit),
        xmlText('IsTruncated', isTruncated),
        ...entriesXml(entries, encode, (upload) => uploadXml(upload, encode)),
      ]),
    },
  };
};

/** Throws InvalidArgument. */
function askedPage({ query }: S3Call) {
  const afterKey = query.get('key-marker') ?? '';
  const marker = query.get('upload-id-marker') || undefined;
  if (marker?.includes('\0')) {
    throw new S3Error('InvalidArgument', 'Invalid uploadId marker', {
      ArgumentName: 'upload-id-marker',
      ArgumentValue: marker,
    });
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    limit: pageNumber('max-uploads', query.get('max-uploads'), UPLOADS_MAX),
    afterKey,
    // Without a key it says nothing, and is ignored as AWS does.
    afterUploadId: afterKey === '' ? undefined : marker,
  };
}

function nextMarkers(last: ListingEntry<ListedUpload> | undefined, encode: (text: string) => string): Xml[] {
  if (last === undefined) return [];
  if ('commonPrefix' in last) {
    return [xmlText('NextKeyMarker', encode(last.commonPrefix)), xmlText('NextUploadIdMarker', '')];
  }
  return [xmlText('NextKeyMarker', encode(last.item.key)), xmlText('NextUploadIdMarker', last.item.uploadId)];
}

function uploadXml(upload: ListedUpload, encode: (text: string) => string): Xml {
  return xmlElement('Upload', [
    xmlText('Key', encode(upload.key)),
    xmlText('UploadId', upload.uploadId),
    ownerXml('Initiator', upload.owner),
    ownerXml('Owner', upload.owner),
    xmlText('StorageClass', upload.storageClass),
    xmlText('Initiated', upload.initiatedAt),
    xmlText('ChecksumAlgorithm', upload.checksumAlgorithm),
    xmlText('ChecksumType', upload.checksumType),
  ]);
}
