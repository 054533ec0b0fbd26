import type { Logger } from '../../common/log.ts';
import { type DeletionDeps, sweepDeletions } from '../objects/chunk-deletions.ts';
import type { Metadata } from '../objects/ports.ts';

const SESSIONS_PER_STEP = 100;

/**
 * Ends upload sessions whose lease is over and deletes the chunks that are queued for it, in small steps that
 * each leave a consistent state. One gateway at a time does it.
 */
export async function cleanUp(
  deps: DeletionDeps & { metadata: Metadata; log: Logger },
  signal: AbortSignal,
): Promise<void> {
  await deps.metadata.withJobLock('cleanup', async (lost) => {
    const either = AbortSignal.any([signal, lost]);
    const expiredSessions = await expireAll(deps.metadata, either);
    const deletedReplicas = await sweepDeletions(deps, either);
    if (expiredSessions + deletedReplicas > 0) deps.log.info({ expiredSessions, deletedReplicas }, 'cleaned up');
  });
}

async function expireAll(metadata: Metadata, signal: AbortSignal): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const expired = await metadata.expireSessions(SESSIONS_PER_STEP);
    total += expired;
    if (expired < SESSIONS_PER_STEP) break;
  }
  return total;
}
