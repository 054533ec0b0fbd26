import type { Deleted, DeleteTarget, Refusal } from './object-ports.ts';
import type { ObjectsDeps } from './objects.ts';
import { versionNonce } from './put-object.ts';

/** Deletes versions, or puts delete markers, each as if alone; resolves in the order asked. */
export async function deleteObjects(
  deps: ObjectsDeps,
  bucketName: string,
  accountId: string,
  targets: readonly Omit<DeleteTarget, 'nonce'>[],
): Promise<readonly (Deleted | { readonly refused: Refusal })[]> {
  await deps.failpoints.reach('s3.delete.before-commit');
  const withNonce = targets.map((target) => ({ ...target, nonce: versionNonce(deps) }));
  const outcomes = await deps.metadata.deleteVersions(bucketName, accountId, withNonce);
  await deps.failpoints.reach('s3.delete.after-commit');
  if (outcomes.some((outcome) => 'freedSpace' in outcome && outcome.freedSpace)) deps.onDeletionsQueued();
  return outcomes;
}
