import { type CopyPlan, copyObject as copy } from '../objects/copy-object.ts';
import type { FoundObject } from '../objects/find-object.ts';
import type { ObjectAttributes, ObjectVersion } from '../objects/object-ports.ts';
import { checksumXml } from './checksum-answer.ts';
import { type CopySourceName, checkCopySize, copiedVersion, parseCopySource } from './copy-source.ts';
import { S3Error } from './errors.ts';
import { readAttributes } from './object-attributes.ts';
import type { Operation, S3Call } from './operation.ts';
import { askedAlgorithm } from './upload-checksum.ts';
import { versionIdHeader } from './version-id.ts';
import { writeConditions } from './write-conditions.ts';
import { xmlDocument, xmlText } from './xml/write-xml.ts';

export const copyObject: Operation = async ({ objects }, call) => {
  const { bucketName, key, account, headers, signal } = call;
  const name = parseCopySource(headers.get('x-amz-copy-source') ?? '');
  const algorithm = askedAlgorithm(headers);
  const { accountId } = account;
  const { stored, source } = await copy(
    objects,
    { ...name, accountId, isRead: algorithm !== undefined },
    { bucketName, key, accountId, conditions: writeConditions(headers) },
    (found) => planCopy(call, name, found),
    signal,
  );
  const isVersioned = source.bucket.versioning !== 'unversioned';
  return {
    status: 200,
    headers: {
      ...versionIdHeader(stored),
      ...(isVersioned && { 'x-amz-copy-source-version-id': source.version?.versionId ?? '' }),
    },
    body: {
      xml: xmlDocument('CopyObjectResult', [
        xmlText('LastModified', stored.lastModified),
        xmlText('ETag', `"${stored.etag}"`),
        ...checksumXml(stored.checksum),
      ]),
    },
  };
};

function planCopy(call: S3Call, source: CopySourceName, found: FoundObject): CopyPlan {
  const { headers } = call;
  const version = copiedVersion(found, source, headers);
  checkCopySize(version.sizeBytes);
  checkChanges(call, source);
  const asked = askedAlgorithm(headers);
  const { checksum } = version;
  const hasIt = checksum?.algorithm === asked && checksum?.type === 'FULL_OBJECT';
  return { version, attributes: attributesOf(headers, version), checksum: hasIt ? undefined : asked };
}

/** Storage class and redirect are the copy's own; the rest is the source's unless it is to be replaced. */
function attributesOf(headers: ReadonlyMap<string, string>, { attributes }: ObjectVersion): ObjectAttributes {
  if (replaces(headers)) return readAttributes(headers);
  const { websiteRedirectLocation: _, ...kept } = attributes;
  const { storageClass, websiteRedirectLocation } = readAttributes(
    new Map([...headers].filter(([name]) => !name.startsWith('x-amz-meta-'))),
  );
  return { ...kept, storageClass, ...(websiteRedirectLocation !== undefined && { websiteRedirectLocation }) };
}

/** A copy onto itself that leaves everything as it is is more likely a mistake. An older version may become the newest. */
function checkChanges({ bucketName, key, headers }: S3Call, source: CopySourceName): void {
  if (source.bucketName !== bucketName || source.key !== key || source.versionId !== undefined) return;
  const changing = ['x-amz-storage-class', 'x-amz-website-redirect-location', 'x-amz-checksum-algorithm'];
  if (replaces(headers) || changing.some((name) => headers.has(name))) return;
  throw new S3Error(
    'InvalidRequest',
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}

/** Throws InvalidArgument. */
function replaces(headers: ReadonlyMap<string, string>): boolean {
  const directive = headers.get('x-amz-metadata-directive') ?? 'COPY';
  if (directive === 'COPY' || directive === 'REPLACE') return directive === 'REPLACE';
  throw new S3Error('InvalidArgument', 'Unknown metadata directive.', {
    ArgumentName: 'x-amz-metadata-directive',
    ArgumentValue: directive,
  });
}
