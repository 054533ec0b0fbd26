import type { FastifyReply } from 'fastify';
import type { RebalanceProgress } from '../objects/server-operations.ts';

export interface RebalanceDeps {
  readonly rebalance: {
    progress(): Promise<RebalanceProgress>;
    /** Asks for a run, on whichever gateway gets to it. */
    request(): Promise<void>;
  };
}

/** GET /admin/rebalance */
export async function rebalanceProgress({ rebalance }: RebalanceDeps) {
  const progress = await rebalance.progress();
  return {
    state: progress.state,
    spread: progress.spread,
    bytes_left: progress.leftBytes,
    moved_chunks: progress.movedChunks,
    moved_bytes: progress.movedBytes,
    failed_moves: progress.failedMoves,
    updated_at: progress.updatedAt?.toISOString() ?? null,
  };
}

/** POST /admin/rebalance: 202, it runs soon. */
export async function startRebalance(deps: RebalanceDeps, reply: FastifyReply) {
  await deps.rebalance.request();
  reply.code(202);
  return rebalanceProgress(deps);
}
