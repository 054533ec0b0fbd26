import type { Clock } from '../../common/clock.ts';
import type { Failpoints } from '../../common/failpoint.ts';
import type { Logger } from '../../common/log.ts';
import type { GatewayFailpoint } from '../failpoints.ts';
import { type Metadata, NodeFailure, type Nodes, type Replica } from './ports.ts';

const PARALLEL_DELETIONS = 12;
/** So few that all of them are over within the lease of a minute, also when each takes its whole deadline. */
const BATCH = 100;
/**
 * After this part of the lease no deletion is begun: one that is sent still has time for its deadline, and a gateway that stood
 * still leaves alone what others may have made anew since.
 */
const LEASE_PART_TO_BEGIN = 5 / 6;
/** Where clients delete all the time the queue has no end; whoever sweeps it has other work too. */
const BATCHES_PER_SWEEP = 10;

export interface DeletionDeps {
  readonly metadata: Metadata;
  readonly nodes: Nodes;
  readonly log: Logger;
  readonly failpoints: Failpoints<GatewayFailpoint>;
}

/**
 * Deletes replicas that are queued already, now, as long as `mayBegin`. What fails or is left stays queued. Resolves with how many
 * went.
 */
export async function deleteReplicas(
  deps: DeletionDeps,
  replicas: readonly Replica[],
  mayBegin: () => boolean = () => true,
): Promise<number> {
  const done: Replica[] = [];
  const rest = replicas.values();
  const worker = async () => {
    for (const replica of rest) {
      if (!mayBegin()) return;
      try {
        await deps.nodes.deleteChunk(replica.serverId, replica.chunkId);
        done.push(replica);
        await deps.failpoints.reach('deletions.mid-way');
      } catch (error) {
        if (!(error instanceof NodeFailure)) throw error;
        deps.log.debug({ err: error, ...replica }, 'a replica could not be deleted yet');
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_DELETIONS }, worker));
  if (done.length === 0) return 0;
  await deps.failpoints.reach('deletions.before-done');
  await deps.metadata.deletionsDone(done);
  return done.length;
}

/**
 * Carries out queued deletions that are due, batch by batch, unless the signal aborts. One that fails comes up again after
 * `leaseMs`. `isOver`: no more were due; else sweep again soon.
 */
export async function sweepDeletions(
  deps: DeletionDeps & { readonly clock: Clock },
  leaseMs: number,
  signal: AbortSignal,
): Promise<{ deleted: number; isOver: boolean }> {
  let deleted = 0;
  for (let batch = 0; batch < BATCHES_PER_SWEEP && !signal.aborted; batch++) {
    const takenAtMs = deps.clock.monotonicMs();
    const mayBegin = () => deps.clock.monotonicMs() - takenAtMs < leaseMs * LEASE_PART_TO_BEGIN;
    const due = await deps.metadata.takeDueDeletions(BATCH, leaseMs);
    if (due.length > 0) {
      await deps.failpoints.reach('cleanup.mid-sweep');
      deleted += await deleteReplicas(deps, due, mayBegin);
    }
    if (due.length < BATCH) return { deleted, isOver: true };
  }
  return { deleted, isOver: false };
}
