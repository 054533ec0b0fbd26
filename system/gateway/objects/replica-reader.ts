import { KiB } from '../../common/bytes.ts';
import { type Clock, delay } from '../../common/clock.ts';
import type { Failpoints } from '../../common/failpoint.ts';
import type { Random } from '../../common/random.ts';
import type { GatewayFailpoint } from '../failpoints.ts';
import type { ServerId } from '../placement/membership.ts';
import { StoreError } from './errors.ts';
import { type ByteSpan, type ChunkReader, type LentBytes, NodeFailure, type Nodes } from './ports.ts';

/** How long a read goes on trying replicas that may come back, without getting a byte, before it gives up. */
const RETRY_FOR_MS = 5_000;
const BACKOFF_MIN_MS = 50;
const BACKOFF_MAX_MS = 800;
/** A node verifies several blocks before it sends the first; asked for one block only, it sends what is good around the damage. */
const BLOCK_BYTES = 256 * KiB;

export interface ReplicaReadDeps {
  readonly nodes: Nodes;
  readonly clock: Clock;
  readonly random: Random;
  readonly failpoints: Failpoints<GatewayFailpoint>;
  /** Told of every replica that failed a read: repair wants to know, and so does the operator. */
  readonly onReplicaFailure: (chunkId: string, failure: NodeFailure) => void;
}

/** Where a chunk may be read. */
export interface StoredChunk {
  readonly chunkId: string;
  readonly serverIds: readonly ServerId[];
}

/**
 * Reads a span of a chunk from one replica, and goes on at the same offset with another when it fails. Every
 * piece was verified by the node's checksum, so a piece is never half from one replica and half from another.
 *
 * A damaged replica is useless at the offset where it failed and may serve the bytes after it, so replicas that are damaged
 * in different places still give the whole. That ends, because at each offset a replica is tried no more than
 * twice: for all that is left, and for one block.
 */
export class ReplicaReader {
  readonly #deps: ReplicaReadDeps;
  readonly #chunk: StoredChunk;
  readonly #end: number;
  readonly #messageBytes: number;
  readonly #signal: AbortSignal;
  /** Replicas that cannot help: the chunk is absent there, or was damaged at an offset. */
  readonly #useless = new Map<ServerId, { readonly failure: NodeFailure; readonly atOffset: number }>();
  readonly #failuresOf = new Map<ServerId, number>();
  #offset: number;
  #reader: ChunkReader | undefined;
  /** Where the span that was asked of the reader ends. */
  #readerEnd = 0;
  /** Where every replica was damaged, when asked for all that is left: the next call asks for one block. */
  #carefulAt: number | undefined;
  #strugglingSinceMs: number | undefined;
  #isGivenUp = false;

  constructor(deps: ReplicaReadDeps, chunk: StoredChunk, span: ByteSpan, messageBytes: number, signal: AbortSignal) {
    this.#deps = deps;
    this.#chunk = chunk;
    this.#offset = span.offset;
    this.#end = span.offset + span.length;
    this.#messageBytes = messageBytes;
    this.#signal = signal;
  }

  /** The next bytes of the span; undefined at its end. Throws StoreError DataUnavailable or DataDamaged, and any error once it is cancelled. */
  async next(): Promise<LentBytes | undefined> {
    while (this.#offset < this.#end) {
      this.#reader ??= this.#openBest();
      try {
        const bytes = await this.#reader.next();
        if (bytes === undefined && this.#offset === this.#readerEnd) {
          this.#closeReader();
          continue;
        }
        if (bytes === undefined)
          throw new NodeFailure('damaged', this.#reader.serverId, `the chunk ended at ${this.#offset}`);
        this.#offset += bytes.data.length;
        this.#strugglingSinceMs = undefined;
        return bytes;
      } catch (error) {
        if (!(error instanceof NodeFailure) || this.#isOver()) throw error;
        await this.#failOver(error);
        if (this.#isOver()) throw error;
      }
    }
    this.#closeReader();
    return undefined;
  }

  /** Nobody wants the rest. What waits for it fails, and no other replica is asked. */
  cancel(): void {
    this.#isGivenUp = true;
    this.#closeReader();
  }

  #isOver(): boolean {
    return this.#isGivenUp || this.#signal.aborted;
  }

  #closeReader(): void {
    this.#reader?.cancel();
    this.#reader = undefined;
  }

  #openBest(): ChunkReader {
    const serverId = this.#bestReplica();
    const isCareful = this.#carefulAt === this.#offset;
    const blockEnd = (Math.floor(this.#offset / BLOCK_BYTES) + 1) * BLOCK_BYTES;
    this.#readerEnd = isCareful ? Math.min(this.#end, blockEnd) : this.#end;
    const span = { offset: this.#offset, length: this.#readerEnd - this.#offset };
    return this.#deps.nodes.readChunk(serverId, this.#chunk.chunkId, span, this.#messageBytes, this.#signal);
  }

  /** The replica with the fewest failures in this read, a reachable one before others, the primary first. */
  #bestReplica(): ServerId {
    const cost = (serverId: ServerId) =>
      (this.#failuresOf.get(serverId) ?? 0) + (this.#deps.nodes.isReachable(serverId) ? 0 : 0.5);
    const [best] = this.#usefulReplicas().sort((a, b) => cost(a) - cost(b));
    if (best !== undefined) return best;
    const failures = [...this.#useless.values()].map(({ failure }) => failure);
    const damaged = failures.find((failure) => failure.kind === 'damaged');
    if (damaged === undefined) throw new StoreError('DataUnavailable', 'no copy of the data was found', failures[0]);
    if (this.#carefulAt === this.#offset)
      throw new StoreError('DataDamaged', 'no undamaged copy of the data is left', damaged);
    this.#carefulAt = this.#offset;
    for (const [serverId, { failure }] of this.#useless) {
      if (failure.kind === 'damaged') this.#useless.delete(serverId);
    }
    return this.#bestReplica();
  }

  async #failOver(failure: NodeFailure): Promise<void> {
    const { clock, random, failpoints, onReplicaFailure } = this.#deps;
    this.#closeReader();
    onReplicaFailure(this.#chunk.chunkId, failure);
    await failpoints.reach('read.fail-over');
    const rounds = (this.#failuresOf.get(failure.serverId) ?? 0) + 1;
    this.#failuresOf.set(failure.serverId, rounds);
    if (failure.kind === 'damaged' || failure.kind === 'absent') {
      this.#useless.set(failure.serverId, { failure, atOffset: this.#offset });
      return;
    }
    this.#strugglingSinceMs ??= clock.monotonicMs();
    if (clock.monotonicMs() - this.#strugglingSinceMs > RETRY_FOR_MS) {
      throw new StoreError('DataUnavailable', 'no copy of the data can be reached now', failure);
    }
    const useful = this.#usefulReplicas();
    const isFresh = (serverId: ServerId) => (this.#failuresOf.get(serverId) ?? 0) < rounds;
    // Waiting helps only when every replica that could help has failed as often as this one.
    if (useful.length === 0 || useful.some(isFresh)) return;
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** rounds);
    await delay(clock, BACKOFF_MIN_MS + random.below(ceiling), this.#signal);
  }

  #usefulReplicas(): ServerId[] {
    return this.#chunk.serverIds.filter((serverId) => {
      const useless = this.#useless.get(serverId);
      return useless === undefined || (useless.failure.kind === 'damaged' && useless.atOffset !== this.#offset);
    });
  }
}
