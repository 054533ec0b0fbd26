import {
  type CompletionClaim,
  type CompletionProblem,
  multipartEtag,
  PART_NUMBER_MAX,
  planCompletion,
} from './completion.ts';
import { findUpload, type UploadTarget, uploadRefused } from './find-upload.ts';
import type { MultipartUpload, StoredVersion, WriteConditions } from './object-ports.ts';
import type { ObjectsDeps } from './objects.ts';
import { accept, versionNonce } from './put-object.ts';

/**
 * Makes the parts that are named the newest version of the key, and gives up the others. Who asks again for the same parts
 * gets what was made the first time. Throws Refused.
 */
export async function completeUpload(
  deps: ObjectsDeps,
  target: UploadTarget,
  claim: CompletionClaim,
  conditions: WriteConditions,
): Promise<StoredVersion | CompletionProblem> {
  const { upload, completed } = await findUpload(deps.metadata, target);
  if (completed !== undefined) return repeated(completed, claim);
  const outcome = await complete(deps, target, upload, claim, conditions);
  if (!('problem' in outcome) || outcome.problem !== 'no-such-part') return outcome;
  // Somebody else may have completed the upload since it was looked up: that is no reason to complain of its parts.
  const { completed: byAnother } = await findUpload(deps.metadata, target);
  return byAnother === undefined ? outcome : repeated(byAnother, claim);
}

/** What was made is no answer to who named other parts: those have not become the object, and never will. */
function repeated(completed: StoredVersion, claim: CompletionClaim): StoredVersion | CompletionProblem {
  return multipartEtag(claim.parts) === completed.etag ? completed : noSuchPart(claim);
}

function noSuchPart(claim: CompletionClaim): CompletionProblem {
  const [part = { partNumber: 1, etag: '', checksum: undefined }] = claim.parts;
  return { problem: 'no-such-part', part };
}

async function complete(
  deps: ObjectsDeps,
  target: UploadTarget,
  upload: MultipartUpload,
  claim: CompletionClaim,
  conditions: WriteConditions,
): Promise<StoredVersion | CompletionProblem> {
  const { bucketName, key, accountId, uploadId } = target;
  const uploaded = await deps.metadata.uploadParts(uploadId, 0, PART_NUMBER_MAX);
  const plan = planCompletion(upload, claim, uploaded);
  if ('problem' in plan) return plan;
  const { parts, sizeBytes, etag, checksum } = plan;
  const { attributes } = upload;
  const nonce = versionNonce(deps);
  const put = { bucketName, key, accountId, attributes, sizeBytes, etag, checksum, conditions, nonce };
  await deps.failpoints.reach('s3.complete.before-commit');
  const stored = await deps.metadata.completeUpload(put, uploadId, parts);
  await deps.failpoints.reach('s3.complete.after-commit');
  if (!('refused' in stored)) return repeated(accept(deps, stored), claim);
  if (stored.refused !== 'parts-changed') throw uploadRefused(stored.refused);
  return noSuchPart(claim);
}
