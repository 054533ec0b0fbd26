import { PutChunkRequest, PutChunkResponse } from '../../../proto/gen/storage.ts';
import { storageService } from '../../../proto/storage-service.ts';
import { KiB } from '../../common/bytes.ts';
import type { Clock, Timer } from '../../common/clock.ts';
import { type ChunkWriter, NodeFailure } from '../objects/ports.ts';
import type { ServerId } from '../placement/membership.ts';
import { type Failure, toNodeFailure } from './failures.ts';
import type { Http2Channel } from './http2-channel.ts';
import { prefixed, withPrefix } from './message-prefix.ts';
import { MessageSplitter } from './message-splitter.ts';
import { StreamCall } from './stream-call.ts';

/** A node that takes no byte for this long has failed. */
const STALL_MS = 20_000;
/** From the last byte to the answer: the node flushes what its disk still holds back. */
const FINISH_MS = 60_000;
/** A stream whose client is slow is kept alive by empty messages, well within the node's idle limit. */
const KEEP_ALIVE_MS = 15_000;
const ANSWER_BYTES_MAX = 64 * KiB;

export interface StreamDeps {
  readonly clock: Clock;
  readonly channel: Http2Channel;
  readonly serverId: ServerId;
  /** Told once how the call ended. */
  readonly onSettled: (failure: NodeFailure | undefined) => void;
}

/** One PutChunk call. */
export class GrpcChunkWriter implements ChunkWriter {
  readonly serverId: ServerId;
  readonly #deps: StreamDeps;
  readonly #call: StreamCall;
  readonly #keepAlive: Timer;
  readonly #signal: AbortSignal;
  readonly #onAbort = () => this.abort();
  readonly #splitter = new MessageSplitter({ bytesMax: ANSWER_BYTES_MAX, take: Buffer.alloc });
  #answer: PutChunkResponse | undefined;
  #failure: NodeFailure | undefined;
  #hasEnded = false;
  #waiting: { resolve(): void; reject(failure: NodeFailure): void } | undefined;
  #wroteSinceTick = false;

  constructor(deps: StreamDeps, chunkId: string, signal: AbortSignal) {
    this.serverId = deps.serverId;
    this.#deps = deps;
    this.#signal = signal;
    this.#keepAlive = deps.clock.every(KEEP_ALIVE_MS, () => this.#tick());
    this.#call = new StreamCall(deps.channel.open(storageService.putChunk.path), {
      onBytes: (bytes) => this.#take(bytes),
      onEnd: (failure) => this.#settle(failure),
    });
    signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#call.write(message({ chunkId, totalSizeFollows: true }));
    if (signal.aborted) this.abort();
  }

  async write(frame: Buffer): Promise<void> {
    this.#wroteSinceTick = true;
    await this.#within(STALL_MS, 'took no byte', (taken) => this.#call.write(withPrefix(frame), taken));
  }

  async finish(totalBytes: number): Promise<{ sizeBytes: number; sha256: string }> {
    await this.#within(FINISH_MS, 'did not confirm the chunk', () => {
      this.#call.write(message({ totalSize: totalBytes }));
      this.#call.endWriting();
    });
    const answer = this.#answer;
    if (answer === undefined || !answer.success) {
      throw new NodeFailure('refused', this.serverId, `PutChunk: ${answer?.errorMessage ?? 'no answer'}`);
    }
    return { sizeBytes: answer.size, sha256: answer.checksum };
  }

  abort(): void {
    this.#fail(new NodeFailure('cancelled', this.serverId, 'PutChunk was given up'));
    this.#call.cancel();
  }

  /** Runs `start`; resolves when it calls back or the call ends well, rejects when it fails or time runs out. */
  async #within(limitMs: number, complaint: string, start: (done: () => void) => void): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#hasEnded) return;
    const timer = this.#deps.clock.after(limitMs, () => {
      this.#fail(new NodeFailure('deadline', this.serverId, `PutChunk: the node ${complaint} within ${limitMs} ms`));
      this.#call.cancel();
    });
    try {
      await new Promise<void>((resolve, reject) => {
        this.#waiting = { resolve, reject };
        start(resolve);
      });
    } finally {
      this.#waiting = undefined;
      timer.cancel();
    }
  }

  #tick(): void {
    const isIdle = !this.#wroteSinceTick && this.#waiting === undefined && this.#failure === undefined;
    if (isIdle) this.#call.write(message({}));
    this.#wroteSinceTick = false;
  }

  #take(bytes: Buffer): void {
    try {
      for (const answer of this.#splitter.split(bytes)) {
        this.#answer = PutChunkResponse.decode(answer.buffer, answer.bytes);
      }
    } catch (error) {
      this.#fail(new NodeFailure('refused', this.serverId, 'PutChunk: the answer cannot be read', error));
      this.#call.cancel();
    }
  }

  #settle(failure: Failure | undefined): void {
    if (failure !== undefined) {
      this.#fail(toNodeFailure(this.serverId, 'PutChunk', failure));
      return;
    }
    this.#release();
    this.#hasEnded = true;
    this.#deps.onSettled(undefined);
    // A node may answer before it has read everything; what it did not take it does not want.
    this.#waiting?.resolve();
  }

  /** The first failure counts; later ones are its echo. */
  #fail(failure: NodeFailure): void {
    this.#release();
    if (this.#failure !== undefined || this.#hasEnded) return;
    this.#failure = failure;
    this.#deps.onSettled(failure);
    this.#waiting?.reject(failure);
  }

  #release(): void {
    this.#keepAlive.cancel();
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}

/** A message without data, prefix included. */
function message(fields: Partial<PutChunkRequest>): Buffer {
  const empty = { chunkId: '', data: new Uint8Array(0), checksum: '', dataCrc32c: undefined, totalSize: undefined };
  return prefixed(PutChunkRequest.encode({ ...empty, ...fields }).finish());
}
