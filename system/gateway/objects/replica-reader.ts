import { type Clock, delay } from '../../common/clock.ts';
import type { Random } from '../../common/random.ts';
import type { ServerId } from '../placement/membership.ts';
import { StoreError } from './errors.ts';
import { type ByteSpan, type ChunkReader, type LentBytes, NodeFailure, type Nodes } from './ports.ts';

/** How long a read goes on trying replicas that may come back, without getting a byte, before it gives up. */
const RETRY_FOR_MS = 5_000;
const BACKOFF_MIN_MS = 50;
const BACKOFF_MAX_MS = 800;

export interface ReplicaReadDeps {
  readonly nodes: Nodes;
  readonly clock: Clock;
  readonly random: Random;
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
 */
export class ReplicaReader {
  readonly #deps: ReplicaReadDeps;
  readonly #chunk: StoredChunk;
  readonly #end: number;
  readonly #messageBytes: number;
  readonly #signal: AbortSignal;
  /** Replicas that cannot help: the chunk is damaged or absent there. */
  readonly #useless = new Map<ServerId, NodeFailure>();
  readonly #failuresOf = new Map<ServerId, number>();
  #offset: number;
  #reader: ChunkReader | undefined;
  #strugglingSinceMs: number | undefined;

  constructor(deps: ReplicaReadDeps, chunk: StoredChunk, span: ByteSpan, messageBytes: number, signal: AbortSignal) {
    this.#deps = deps;
    this.#chunk = chunk;
    this.#offset = span.offset;
    this.#end = span.offset + span.length;
    this.#messageBytes = messageBytes;
    this.#signal = signal;
  }

  /** The next bytes of the span; undefined at its end. Throws StoreError DataUnavailable or DataDamaged. */
  async next(): Promise<LentBytes | undefined> {
    while (this.#offset < this.#end) {
      this.#reader ??= this.#openBest();
      try {
        const bytes = await this.#reader.next();
        if (bytes === undefined)
          throw new NodeFailure('damaged', this.#reader.serverId, `the chunk ended at ${this.#offset}`);
        this.#offset += bytes.data.length;
        this.#strugglingSinceMs = undefined;
        return bytes;
      } catch (error) {
        if (!(error instanceof NodeFailure) || this.#signal.aborted) throw error;
        await this.#failOver(error);
      }
    }
    this.cancel();
    return undefined;
  }

  cancel(): void {
    this.#reader?.cancel();
    this.#reader = undefined;
  }

  #openBest(): ChunkReader {
    const span = { offset: this.#offset, length: this.#end - this.#offset };
    return this.#deps.nodes.readChunk(this.#bestReplica(), this.#chunk.chunkId, span, this.#messageBytes, this.#signal);
  }

  /** The replica with the fewest failures in this read, a reachable one before others, the primary first. */
  #bestReplica(): ServerId {
    const cost = (serverId: ServerId) =>
      (this.#failuresOf.get(serverId) ?? 0) + (this.#deps.nodes.isReachable(serverId) ? 0 : 0.5);
    const [best] = this.#usefulReplicas().sort((a, b) => cost(a) - cost(b));
    if (best !== undefined) return best;
    const failures = [...this.#useless.values()];
    const damaged = failures.find((failure) => failure.kind === 'damaged');
    if (damaged !== undefined) throw new StoreError('DataDamaged', 'no undamaged copy of the data is left', damaged);
    throw new StoreError('DataUnavailable', 'no copy of the data was found', failures[0]);
  }

  async #failOver(failure: NodeFailure): Promise<void> {
    const { clock, random, onReplicaFailure } = this.#deps;
    this.#reader?.cancel();
    this.#reader = undefined;
    onReplicaFailure(this.#chunk.chunkId, failure);
    if (failure.kind === 'damaged' || failure.kind === 'absent') this.#useless.set(failure.serverId, failure);
    const rounds = (this.#failuresOf.get(failure.serverId) ?? 0) + 1;
    this.#failuresOf.set(failure.serverId, rounds);
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
    return this.#chunk.serverIds.filter((serverId) => !this.#useless.has(serverId));
  }
}
