import type { Logger } from '../../common/log.ts';
import { type DeletionDeps, sweepDeletions } from '../objects/chunk-deletions.ts';
import type { Metadata } from '../objects/ports.ts';
import type { JobOutcome } from './job-loop.ts';

const ENDED_PER_STEP = 100;

/**
 * Ends upload sessions and claims whose lease is over and deletes the chunks that are queued for it, in small steps that
 * each leave a consistent state. One gateway at a time does it.
 */
export async function cleanUp(
  deps: DeletionDeps & { metadata: Metadata; log: Logger; workLeaseMs: number },
  signal: AbortSignal,
): Promise<JobOutcome> {
  const done = await deps.metadata.withJobLock('cleanup', async (lost) => {
    const either = AbortSignal.any([signal, lost]);
    await deps.failpoints.reach('cleanup.before-expire');
    const expiredSessions = await inSteps((limit) => deps.metadata.expireSessions(limit), either);
    const expiredClaims = await inSteps((limit) => deps.metadata.expireClaims(limit), either);
    await deps.failpoints.reach('cleanup.after-expire');
    const deletedReplicas = await sweepDeletions(deps, deps.workLeaseMs, either);
    if (expiredSessions + expiredClaims + deletedReplicas > 0) {
      deps.log.info({ expiredSessions, expiredClaims, deletedReplicas }, 'cleaned up');
    }
    return 'done' as const;
  });
  return done ?? 'busy';
}

async function inSteps(step: (limit: number) => Promise<number>, signal: AbortSignal): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const ended = await step(ENDED_PER_STEP);
    total += ended;
    if (ended < ENDED_PER_STEP) break;
  }
  return total;
}
