import type { Failpoints } from '../../common/failpoint.ts';
import type { GatewayFailpoint } from '../failpoints.ts';
import type { ServerId } from '../placement/membership.ts';
import { StoreError } from './errors.ts';
import { type ChunkWriter, NodeFailure, type Nodes, type ReservedChunk } from './ports.ts';

/** What became of one chunk: which nodes confirmed it, and which failed on the way. */
export interface SentChunk {
  readonly chunk: ReservedChunk;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly stored: readonly ServerId[];
  readonly failed: readonly NodeFailure[];
}

export interface ChunkLaneDeps {
  readonly nodes: Nodes;
  readonly failpoints: Failpoints<GatewayFailpoint>;
}

/**
 * One chunk on its way to all its replicas at once. A replica that fails is left behind and the others go on;
 * when none is left, `onLost` is called once and every later call rejects.
 */
export class ChunkLane {
  readonly #chunk: ReservedChunk;
  readonly #open: (serverId: ServerId) => ChunkWriter;
  readonly #onLost: (error: StoreError) => void;
  readonly #failpoints: Failpoints<GatewayFailpoint>;
  readonly #failed: NodeFailure[] = [];
  #writers: ChunkWriter[] | undefined;
  #last: Promise<void> = Promise.resolve();
  #sizeBytes = 0;

  constructor(deps: ChunkLaneDeps, chunk: ReservedChunk, signal: AbortSignal, onLost: (error: StoreError) => void) {
    this.#failpoints = deps.failpoints;
    this.#chunk = chunk;
    this.#open = (serverId) => deps.nodes.writeChunk(serverId, chunk.chunkId, signal);
    this.#onLost = onLost;
  }

  /** Queues one message; frames of one lane keep their order. Resolves when no replica needs its memory any more. */
  send(frame: Buffer, dataBytes: number): Promise<void> {
    this.#sizeBytes += dataBytes;
    this.#last = this.#last.then(() => this.#onEveryReplica((writer) => writer.write(frame))).then(() => undefined);
    return this.#last;
  }

  /** Resolves once every replica that is left has the chunk on disk. */
  async finish(): Promise<SentChunk> {
    await this.#last;
    await this.#failpoints.reach('write.before-chunk-end');
    const sizeBytes = this.#sizeBytes;
    const answers = await this.#onEveryReplica(async (writer) => {
      const answer = await writer.finish(sizeBytes);
      if (answer.sizeBytes === sizeBytes) return { serverId: writer.serverId, sha256: answer.sha256 };
      throw new NodeFailure('refused', writer.serverId, `stored ${answer.sizeBytes} bytes of a chunk of ${sizeBytes}`);
    });
    const sha256 = answers[0]?.sha256 ?? '';
    if (answers.some((answer) => answer.sha256 !== sha256)) {
      throw new StoreError('StorageFailed', 'the replicas of a chunk differ', {
        chunkId: this.#chunk.chunkId,
        answers,
      });
    }
    await this.#failpoints.reach('write.after-chunk-end');
    // In the order of the reservation, not of the answers: the first is the primary, and primaries are spread.
    const stored = this.#chunk.serverIds.filter((serverId) => answers.some((answer) => answer.serverId === serverId));
    return { chunk: this.#chunk, sizeBytes, sha256, stored, failed: this.#failed };
  }

  abort(): void {
    for (const writer of this.#writers ?? []) writer.abort();
  }

  async #onEveryReplica<T>(action: (writer: ChunkWriter) => Promise<T>): Promise<T[]> {
    this.#writers ??= this.#chunk.serverIds.map(this.#open);
    const results: T[] = [];
    await Promise.all(
      this.#writers.map(async (writer) => {
        try {
          results.push(await action(writer));
        } catch (error) {
          if (!(error instanceof NodeFailure)) throw error;
          this.#leaveBehind(writer, error);
        }
      }),
    );
    if (this.#writers.length === 0) throw this.#lost();
    return results;
  }

  #leaveBehind(writer: ChunkWriter, failure: NodeFailure): void {
    writer.abort();
    this.#failed.push(failure);
    this.#writers = this.#writers?.filter((other) => other !== writer);
  }

  #lost(): StoreError {
    const full = this.#failed.every((failure) => failure.kind === 'full');
    const message = full ? 'the storage nodes are full' : 'the storage nodes failed while the file was being written';
    const error = new StoreError('StorageFailed', message, this.#failed.at(-1));
    this.#onLost(error);
    return error;
  }
}
