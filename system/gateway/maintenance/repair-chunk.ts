import type { Logger } from '../../common/log.ts';
import { StoreError } from '../objects/errors.ts';
import { type Metadata, NodeFailure } from '../objects/ports.ts';
import { type ReplicaMakerDeps, replaceReplica } from '../objects/replica-maker.ts';
import type { ChunkInDoubt, ReplicaProblem } from '../objects/replica-ports.ts';
import { verifyReplica } from '../objects/verify-replica.ts';
import type { ServerId } from '../placement/membership.ts';
import type { Placement } from '../placement/placement.ts';
import { planRepair, type RepairPlan } from '../placement/repair-plan.ts';
import type { ServerStandings } from '../placement/server-standing.ts';

/** Other servers than the damaged replica's own that are tried for one new replica in one run. */
const TARGETS_MAX = 2;

export interface RepairDeps extends ReplicaMakerDeps {
  readonly metadata: Metadata;
  readonly placement: Placement;
  readonly standings: ServerStandings;
  readonly replicas: number;
  readonly log: Logger;
}

export type ChunkOutcome =
  | { readonly kind: 'nothing' }
  /** Somebody else is at it, or there is no server that could take a replica now: looked at again in the next run. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'repaired'; readonly replicas: number }
  | { readonly kind: 'trimmed' }
  /** A replica was found to be bad that was believed to be good. */
  | { readonly kind: 'worse' }
  | { readonly kind: 'failed'; readonly isLost: boolean; readonly reason: unknown };

/** Does for one chunk what it needs now, as far as that is possible. Throws only what is not this chunk's fault. */
export async function repairChunk(deps: RepairDeps, chunk: ChunkInDoubt, signal: AbortSignal): Promise<ChunkOutcome> {
  const standingOf = (serverId: ServerId) => deps.standings.of(serverId);
  const plan = planRepair(chunk, deps.replicas, standingOf, (serverId) => deps.placement.loadOf(serverId));
  if (plan.kind === 'trim') return trim(deps, chunk, plan, signal);
  if (plan.kind === 'make') return make(deps, chunk, plan, signal);
  return { kind: 'nothing' };
}

async function make(
  deps: RepairDeps,
  chunk: ChunkInDoubt,
  plan: Extract<RepairPlan, { kind: 'make' }>,
  signal: AbortSignal,
): Promise<ChunkOutcome> {
  const { chunkId, sizeBytes, sha256, serverIds } = chunk;
  // Reading waits for servers that may come back; for those that count for nothing and do not answer, it would in vain.
  const sources = plan.sources.filter((id) => plan.good.includes(id) || deps.nodes.isReachable(id));
  if (sources.length === 0) {
    const reason = new StoreError('DataUnavailable', 'no server that may have a replica of it can be reached');
    return { kind: 'failed', isLost: true, reason };
  }
  const copy = { chunkId, sizeBytes, sha256, serverIds, sources };
  let leaving = plan.bad;
  const targets = targetsFor(deps, chunk, plan.bad);
  let made = 0;
  let failure: NodeFailure | undefined;
  for (const target of targets) {
    if (made === plan.missing) break;
    const isInPlace = serverIds.includes(target);
    const instead = isInPlace ? undefined : leaving[0];
    try {
      const outcome = await replaceReplica(deps, copy, target, instead, signal);
      if (outcome === 'gone') return { kind: 'nothing' };
      if (outcome === 'busy') continue;
      made++;
      leaving = leaving.filter((serverId) => serverId !== (isInPlace ? target : instead));
    } catch (error) {
      signal.throwIfAborted();
      // Without the data no other target helps; without this target another may.
      if (isOfTheSources(error)) return { kind: 'failed', isLost: isLoss(error, plan), reason: error };
      if (!(error instanceof NodeFailure)) throw error;
      failure = error;
    }
  }
  if (made > 0) return { kind: 'repaired', replicas: made };
  return failure === undefined ? { kind: 'waiting' } : { kind: 'failed', isLost: false, reason: failure };
}

/**
 * Where to make replicas, in order. A bad replica is replaced in place where its server can be written, which keeps the
 * spread as it is; otherwise it goes to another server, if possible to one without a chunk of the same file.
 */
function* targetsFor(deps: RepairDeps, chunk: ChunkInDoubt, bad: readonly ServerId[]): Generator<ServerId> {
  const { placement, nodes } = deps;
  const isWritable = (serverId: ServerId) =>
    placement.membership.servers.get(serverId)?.status === 'active' && nodes.isReachable(serverId);
  yield* bad.filter((serverId) => chunk.problems.has(serverId) && isWritable(serverId));
  const tried = new Set(chunk.serverIds);
  for (let target = 0; target < TARGETS_MAX * deps.replicas; target++) {
    const apart = new Set([...tried, ...chunk.siblingServerIds]);
    const other =
      placement.chooseAnother(chunk.chunkId, chunk.sizeBytes, apart) ??
      placement.chooseAnother(chunk.chunkId, chunk.sizeBytes, tried);
    if (other === undefined) return;
    tried.add(other);
    yield other;
  }
}

/** A surplus or bad replica goes only after those that stay have been read and found good. */
async function trim(
  deps: RepairDeps,
  chunk: ChunkInDoubt,
  { keep, drop }: Extract<RepairPlan, { kind: 'trim' }>,
  signal: AbortSignal,
): Promise<ChunkOutcome> {
  const problems: ReplicaProblem[] = [];
  let isSure = true;
  for (const serverId of keep) {
    const verdict = await verifyReplica(deps, chunk, serverId, signal);
    if (verdict === 'unknown') isSure = false;
    else if (verdict !== 'good') problems.push({ chunkId: chunk.chunkId, serverId, kind: verdict });
  }
  if (problems.length > 0) {
    await deps.metadata.recordProblems(problems);
    return { kind: 'worse' };
  }
  if (!isSure) return { kind: 'waiting' };
  for (const serverId of drop) await deps.metadata.dropReplica({ chunkId: chunk.chunkId, serverId }, keep);
  return { kind: 'trimmed' };
}

function isOfTheSources(error: unknown): error is StoreError {
  return error instanceof StoreError && (error.code === 'DataDamaged' || error.code === 'DataUnavailable');
}

/** While a replica that counts cannot be reached, it may come back; damage everywhere, or none that counts, is a loss. */
function isLoss(error: StoreError, { good }: { readonly good: readonly ServerId[] }): boolean {
  return error.code === 'DataDamaged' || good.length === 0;
}
