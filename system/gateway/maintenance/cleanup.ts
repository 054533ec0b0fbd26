import type { Clock } from '../../common/clock.ts';
import type { Logger } from '../../common/log.ts';
import { type DeletionDeps, sweepDeletions } from '../objects/chunk-deletions.ts';
import type { Metadata } from '../objects/ports.ts';
import type { JobOutcome } from './job-loop.ts';

const ENDED_PER_STEP = 100;

export interface CleanUpDeps extends DeletionDeps {
  readonly metadata: Metadata;
  readonly clock: Clock;
  readonly log: Logger;
  /** A deletion that fails is tried again after this. */
  readonly workLeaseMs: number;
}

/**
 * Ends upload sessions and claims whose lease is over and deletes the chunks that are queued for it, in small steps that
 * each leave a consistent state. One gateway at a time does it.
 */
export async function cleanUp(deps: CleanUpDeps, signal: AbortSignal): Promise<JobOutcome> {
  const done = await deps.metadata.withJobLock('cleanup', async (lost) => {
    const either = AbortSignal.any([signal, lost]);
    // In turns: while clients delete all the time, sessions that have expired do not wait for the end of the queue.
    while (!(await takeTurn(deps, either))) either.throwIfAborted();
    return 'done' as const;
  });
  return done ?? 'busy';
}

/** Resolves with whether nothing was left to be done. */
async function takeTurn(deps: CleanUpDeps, signal: AbortSignal): Promise<boolean> {
  const { metadata, failpoints, log, workLeaseMs } = deps;
  await failpoints.reach('cleanup.before-expire');
  const expiredSessions = await inSteps((limit) => metadata.expireSessions(limit), signal);
  const expiredClaims = await inSteps((limit) => metadata.expireClaims(limit), signal);
  // Every upload leaves one, so no bound on them would do for long.
  await inSteps((limit) => metadata.forgetSessions(limit), signal);
  await failpoints.reach('cleanup.after-expire');
  const { deleted: deletedReplicas, isOver } = await sweepDeletions(deps, workLeaseMs, signal);
  if (expiredSessions + expiredClaims + deletedReplicas > 0) {
    log.info({ expiredSessions, expiredClaims, deletedReplicas }, 'cleaned up');
  }
  return isOver;
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
