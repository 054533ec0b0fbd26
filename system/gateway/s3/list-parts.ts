import { PART_NUMBER_MAX } from '../objects/completion.ts';
import { openUpload } from '../objects/find-upload.ts';
import type { UploadedPart } from '../objects/object-ports.ts';
import { checksumXml } from './checksum-answer.ts';
import { uploadTarget } from './multipart-target.ts';
import type { Operation } from './operation.ts';
import { ownerXml } from './owner-xml.ts';
import { pageNumber } from './paging.ts';
import { type Xml, xmlDocument, xmlElement, xmlText } from './xml/write-xml.ts';

const PARTS_MAX = 1_000;

export const listParts: Operation = async ({ metadata }, call) => {
  const { bucketName, key, query } = call;
  const target = uploadTarget(call);
  const maxParts = pageNumber('max-parts', query.get('max-parts'), PARTS_MAX);
  const afterPart = pageNumber('part-number-marker', query.get('part-number-marker'), PART_NUMBER_MAX, 0);
  const upload = await openUpload(metadata, target);
  // One more than is told shows whether there are more.
  const found = maxParts === 0 ? [] : await metadata.uploadParts(target.uploadId, afterPart, maxParts + 1);
  const parts = found.slice(0, maxParts);
  return {
    status: 200,
    body: {
      xml: xmlDocument('ListPartsResult', [
        xmlText('Bucket', bucketName),
        xmlText('Key', key),
        xmlText('UploadId', target.uploadId),
        ownerXml('Initiator', upload.owner),
        ownerXml('Owner', upload.owner),
        xmlText('StorageClass', upload.attributes.storageClass),
        xmlText('PartNumberMarker', afterPart),
        xmlText('NextPartNumberMarker', parts.at(-1)?.partNumber ?? 0),
        xmlText('MaxParts', maxParts),
        xmlText('IsTruncated', found.length > parts.length),
        ...parts.map(partXml),
        xmlText('ChecksumAlgorithm', upload.checksumAlgorithm),
        xmlText('ChecksumType', upload.checksumType),
      ]),
    },
  };
};

function partXml({ partNumber, lastModified, etag, sizeBytes, checksum }: UploadedPart): Xml {
  return xmlElement('Part', [
    xmlText('PartNumber', partNumber),
    xmlText('LastModified', lastModified),
    xmlText('ETag', `"${etag}"`),
    xmlText('Size', sizeBytes),
    ...checksumXml(checksum),
  ]);
}
