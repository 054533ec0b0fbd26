import { PART_NUMBER_MAX } from '../objects/completion.ts';
import { findObject } from '../objects/find-object.ts';
import type { ObjectMetadata, ObjectPart, ObjectVersion } from '../objects/object-ports.ts';
import { checksumXml } from './checksum-answer.ts';
import { S3Error } from './errors.ts';
import { keyTarget, versionIdOf } from './object-target.ts';
import type { Operation } from './operation.ts';
import { pageNumber } from './paging.ts';
import { presentVersion } from './present-version.ts';
import { type Xml, xmlDocument, xmlElement, xmlText } from './xml/write-xml.ts';

const PARTS_MAX = 1_000;
const attributeNames = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];

export const getObjectAttributes: Operation = async ({ metadata }, call) => {
  const { query, headers } = call;
  const wanted = wantedAttributes(headers.get('x-amz-object-attributes'));
  const found = await findObject(metadata, keyTarget(call), versionIdOf(query), 'head');
  const { version, isVersioned } = presentVersion(found, call);
  const parts = wanted.has('ObjectParts') ? await objectPartsXml(metadata, version, headers) : [];
  const { checksum, attributes, sizeBytes, etag } = version;
  return {
    status: 200,
    headers: {
      'last-modified': version.lastModified.toUTCString(),
      ...(isVersioned && { 'x-amz-version-id': version.versionId }),
    },
    body: {
      xml: xmlDocument('GetObjectAttributesResponse', [
        ...(wanted.has('ETag') ? [xmlText('ETag', etag)] : []),
        ...(wanted.has('Checksum') && checksum !== undefined ? [xmlElement('Checksum', checksumXml(checksum))] : []),
        ...parts,
        ...(wanted.has('StorageClass') ? [xmlText('StorageClass', attributes.storageClass)] : []),
        ...(wanted.has('ObjectSize') ? [xmlText('ObjectSize', sizeBytes)] : []),
      ]),
    },
  };
};

/** Throws InvalidArgument. */
function wantedAttributes(header: string | undefined): ReadonlySet<string> {
  const names = (header ?? '').split(',').map((name) => name.trim());
  if (names.every((name) => attributeNames.includes(name))) return new Set(names);
  throw new S3Error('InvalidArgument', 'Invalid attribute name specified.', {
    ArgumentName: 'x-amz-object-attributes',
    ArgumentValue: header ?? '',
  });
}

/** Of an object that was made of parts; others have none. */
async function objectPartsXml(
  metadata: ObjectMetadata,
  version: ObjectVersion,
  headers: ReadonlyMap<string, string>,
): Promise<Xml[]> {
  const maxParts = pageNumber('x-amz-max-parts', headers.get('x-amz-max-parts'), PARTS_MAX);
  const marker = headers.get('x-amz-part-number-marker');
  const afterPart = pageNumber('x-amz-part-number-marker', marker, PART_NUMBER_MAX, 0);
  if (version.partsCount === undefined) return [];
  const found = maxParts === 0 ? [] : await metadata.objectParts(version.versionUid, afterPart, maxParts + 1);
  const parts = found.slice(0, maxParts);
  return [
    xmlElement('ObjectParts', [
      xmlText('PartsCount', version.partsCount),
      xmlText('PartNumberMarker', afterPart),
      xmlText('NextPartNumberMarker', parts.at(-1)?.partNumber ?? 0),
      xmlText('MaxParts', maxParts),
      xmlText('IsTruncated', found.length > parts.length),
      ...parts.map((part) => partXml(part, version)),
    ]),
  ];
}

function partXml({ partNumber, sizeBytes, checksum: value }: ObjectPart, { checksum }: ObjectVersion): Xml {
  const told = checksum === undefined || value === undefined ? undefined : { algorithm: checksum.algorithm, value };
  return xmlElement('Part', [xmlText('PartNumber', partNumber), xmlText('Size', sizeBytes), ...checksumXml(told)]);
}
