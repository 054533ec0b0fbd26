import { assert } from '../../common/assert.ts';
import { type FoundObject, findObject } from '../objects/find-object.ts';
import { openUpload } from '../objects/find-upload.ts';
import { getObject } from '../objects/get-object.ts';
import type { MultipartUpload } from '../objects/object-ports.ts';
import { copyPart, type PartTarget, type StoredPart, sharePart } from '../objects/store-part.ts';
import { checksumXml } from './checksum-answer.ts';
import { checkCopySize, copiedVersion, parseCopyRange, parseCopySource } from './copy-source.ts';
import { partTarget } from './multipart-target.ts';
import type { Operation, S3Call, S3Deps } from './operation.ts';
import { xmlDocument, xmlText } from './xml/write-xml.ts';

/**
 * Answered when it is done, with the status that it deserves: of 5 GiB, that is most of a minute after its head could have been.
 */
export const uploadPartCopy: Operation = async (deps, call) => {
  const target = partTarget(call);
  const upload = await openUpload(deps.metadata, target);
  const { part, versionId } = await copySource(deps, call, target, upload);
  const headers = versionId === undefined ? {} : { 'x-amz-copy-source-version-id': versionId };
  return { status: 200, headers, body: { xml: document(part) } };
};

/** Shares the file of the source where that can be, and otherwise copies its bytes. */
async function copySource(
  deps: S3Deps,
  call: S3Call,
  target: PartTarget,
  upload: MultipartUpload,
): Promise<{ readonly part: StoredPart; readonly versionId: string | undefined }> {
  const { account, headers, signal } = call;
  const source = parseCopySource(headers.get('x-amz-copy-source') ?? '');
  const sourceTarget = { ...source, accountId: account.accountId };
  const plan = (found: FoundObject) => {
    const version = copiedVersion(found, source, headers);
    const range = parseCopyRange(headers.get('x-amz-copy-source-range'), version.sizeBytes);
    checkCopySize(range.end - range.start);
    const isVersioned = found.bucket.versioning !== 'unversioned';
    const { versionId, versionUid } = version;
    return { range, head: { range, versionUid, versionId: isVersioned ? versionId : undefined } };
  };
  const { head: wanted } = plan(await findObject(deps.metadata, sourceTarget, source.versionId, 'head'));
  const shared = await sharePart(deps.objects, target, wanted.versionUid, wanted.range);
  if (shared !== undefined) return { part: shared, versionId: wanted.versionId };
  const { head, bytes: open } = await getObject(deps.objects, sourceTarget, source.versionId, plan, signal);
  assert(open !== undefined, 'the source of a copy was found and not opened');
  const bytes = head.range.end - head.range.start;
  const part = await copyPart(deps.objects, target, { open, bytes }, upload.checksumAlgorithm, signal);
  return { part, versionId: head.versionId };
}

function document(part: StoredPart): string {
  return xmlDocument('CopyPartResult', [
    xmlText('LastModified', part.lastModified),
    xmlText('ETag', `"${part.etag}"`),
    ...checksumXml(part.checksum),
  ]);
}
