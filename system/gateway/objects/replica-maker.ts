import { assert } from '../../common/assert.ts';
import type { Logger } from '../../common/log.ts';
import type { ServerId } from '../placement/membership.ts';
import { type CopyDeps, copyChunk } from './copy-chunk.ts';
import type { ChunkRecord, Replica, ReplicaMoves } from './replica-ports.ts';

export interface ReplicaMakerDeps extends CopyDeps {
  /** A claim whose owner is gone is dropped after this. Renewed three times as often. */
  readonly workLeaseMs: number;
  readonly metadata: ReplicaMoves;
  readonly log: Logger;
}

/** A chunk of which a replica is to be made. */
export interface ChunkToCopy extends ChunkRecord {
  /** Where it can be read, the best first. A damaged replica may be among them: it may be good where another is not. */
  readonly sources: readonly ServerId[];
}

/**
 * Makes a replica of a completed chunk on `target`, in place of the one on `instead`, if given: the one way to make or
 * move a replica. The target may be a server that has the chunk already, but damaged or no more.
 *
 * `made`: it is on the target's disk, and listed. `gone`: the chunk was deleted meanwhile, or `instead` has left its row.
 * `busy`: the same replica is being made or deleted by somebody else; come again later. Whatever happens, also to
 * this process, no copy is left that nobody knows of. Throws NodeFailure (of the target) or StoreError (DataDamaged,
 * DataUnavailable: no source gave the data).
 */
export async function replaceReplica(
  deps: ReplicaMakerDeps,
  chunk: ChunkToCopy,
  target: ServerId,
  instead: ServerId | undefined,
  signal: AbortSignal,
): Promise<'made' | 'gone' | 'busy'> {
  assert(target !== instead, `chunk ${chunk.chunkId} cannot be put on ${target} in place of itself`);
  const replica = { chunkId: chunk.chunkId, serverId: target };
  const claimedAtMs = deps.clock.monotonicMs();
  const outcome = await deps.metadata.claimReplica(replica, deps.workLeaseMs);
  if (outcome !== 'claimed') return outcome;
  using claim = keepClaim(deps, replica, claimedAtMs);
  try {
    await deps.failpoints.reach('replica.claimed');
    const { chunkId, sizeBytes, sha256, sources } = chunk;
    const stop = AbortSignal.any([signal, claim.lost]);
    await copyChunk(deps, { chunkId, sizeBytes, sha256, serverIds: sources }, target, stop);
    await deps.failpoints.reach('replica.copied');
    await claim.confirm();
    const isPlaced = await deps.metadata.placeReplica(replica, instead);
    await deps.failpoints.reach('replica.placed');
    return isPlaced ? 'made' : 'gone';
  } catch (error) {
    // What is claimed now may be somebody else's; cleanup ends ours.
    if (!claim.lost.aborted) await abandon(deps, replica);
    throw error;
  }
}

async function abandon({ metadata, log }: ReplicaMakerDeps, replica: Replica): Promise<void> {
  try {
    await metadata.abandonReplica(replica);
  } catch (error) {
    // The claim runs out, and cleanup does then what could not be done now.
    log.debug({ err: error, ...replica }, 'a claimed replica could not be abandoned yet');
  }
}

interface KeptClaim extends Disposable {
  /** Aborts when the claim is gone, or may be: the replica may be deleted from then on, or be made by somebody else. */
  readonly lost: AbortSignal;
  /** To be called before the claim is used. Rejects unless it lasts for long enough. */
  confirm(): Promise<void>;
}

/**
 * Renews a claim, which was asked for at `claimedAtMs`, until disposed. The row does not say whose the claim is, so a process that
 * stood still until it ran out may find another's there: only what was renewed in time is still the same.
 */
function keepClaim(
  deps: Pick<ReplicaMakerDeps, 'metadata' | 'clock' | 'log' | 'workLeaseMs'>,
  replica: Replica,
  claimedAtMs: number,
): KeptClaim {
  const { metadata, clock, log, workLeaseMs } = deps;
  const controller = new AbortController();
  let heldUntilMs = claimedAtMs + workLeaseMs;
  const lose = () =>
    controller.abort(new Error(`the claim on chunk ${replica.chunkId} at ${replica.serverId} ran out`));
  const renew = async () => {
    const askedAtMs = clock.monotonicMs();
    if (askedAtMs >= heldUntilMs) return lose();
    try {
      if (!(await metadata.renewClaim(replica, workLeaseMs))) return lose();
      heldUntilMs = Math.max(heldUntilMs, askedAtMs + workLeaseMs);
    } catch (error) {
      log.debug({ err: error, ...replica }, 'a claim could not be renewed');
    }
  };
  const renewalMs = workLeaseMs / 3;
  const timer = clock.every(renewalMs, () => void renew());
  const endsSoon = () => clock.monotonicMs() >= heldUntilMs - renewalMs;
  return {
    lost: controller.signal,
    confirm: async () => {
      if (endsSoon()) await renew();
      if (endsSoon()) lose();
      controller.signal.throwIfAborted();
    },
    [Symbol.dispose]: () => timer.cancel(),
  };
}
