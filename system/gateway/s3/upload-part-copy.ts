import { assert } from '../../common/assert.ts';
import { MiB } from '../../common/bytes.ts';
import { type FoundObject, findObject } from '../objects/find-object.ts';
import { openUpload } from '../objects/find-upload.ts';
import type { MultipartUpload } from '../objects/object-ports.ts';
import { copyPart, type PartTarget, type StoredPart, sharePart } from '../objects/store-part.ts';
import { checksumXml } from './checksum-answer.ts';
import { checkCopySize, copiedVersion, parseCopyRange, parseCopySource } from './copy-source.ts';
import { partTarget } from './multipart-target.ts';
import type { Operation, S3Answer, S3Call, S3Deps } from './operation.ts';
import { xmlDocument, xmlText } from './xml/write-xml.ts';

/** The bytes of more than this are copied behind a head that is sent ahead, since it may take longer than clients wait. */
const QUICK_BYTES_MAX = 256 * MiB;

export const uploadPartCopy: Operation = async (deps, call) => {
  const target = partTarget(call);
  const upload = await openUpload(deps.metadata, target);
  const { bytes, versionId, copied } = await copySource(deps, call, target, upload);
  const headers = versionId === undefined ? {} : { 'x-amz-copy-source-version-id': versionId };
  const answer: S3Answer = { status: 200, headers };
  if (bytes > QUICK_BYTES_MAX) return { ...answer, later: copied };
  return { ...answer, body: { xml: await copied } };
};

/**
 * Shares the file of the source, or resolves when the first bytes of the source are there; `copied`, which then runs, gives the
 * document of the answer.
 */
async function copySource(deps: S3Deps, call: S3Call, target: PartTarget, upload: MultipartUpload) {
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
  const shared = await sharePart(deps.objects.deps, target, wanted.versionUid, wanted.range);
  if (shared !== undefined) return { bytes: 0, versionId: wanted.versionId, copied: Promise.resolve(document(shared)) };
  const { head, bytes: open } = await deps.objects.get(sourceTarget, source.versionId, plan, signal);
  assert(open !== undefined, 'the source of a copy was found and not opened');
  const bytes = head.range.end - head.range.start;
  const copied = copyPart(deps.objects.deps, target, { open, bytes }, upload.checksumAlgorithm, signal).then(document);
  return { bytes, versionId: head.versionId, copied };
}

function document(part: StoredPart): string {
  return xmlDocument('CopyPartResult', [
    xmlText('LastModified', part.lastModified),
    xmlText('ETag', `"${part.etag}"`),
    ...checksumXml(part.checksum),
  ]);
}
