import type { ServerId } from '../placement/membership.ts';
import type { BytePace } from './byte-pace.ts';
import { NodeFailure, type Nodes } from './ports.ts';
import type { ChunkRecord, ProblemKind } from './replica-ports.ts';

/**
 * Has the node read a replica whole, and compares it with the chunk's row. `unknown`: the node gave no answer. Other bytes than
 * the row's are damage too, even though the node finds its file undamaged.
 */
export async function verifyReplica(
  { nodes, pace }: { readonly nodes: Nodes; readonly pace?: BytePace },
  { chunkId, sizeBytes, sha256 }: ChunkRecord,
  serverId: ServerId,
  signal: AbortSignal,
): Promise<'good' | ProblemKind | 'unknown'> {
  try {
    const found = await nodes.verifyChunk(serverId, chunkId, sizeBytes, signal);
    await pace?.spend(sizeBytes, signal);
    return found.sizeBytes === sizeBytes && found.sha256 === sha256 ? 'good' : 'damaged';
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof NodeFailure)) throw error;
    return error.kind === 'absent' || error.kind === 'damaged' ? error.kind : 'unknown';
  }
}
