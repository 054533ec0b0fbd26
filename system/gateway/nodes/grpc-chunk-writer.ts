import type { Client, ClientWritableStream, ServiceError } from '@grpc/grpc-js';
import { Metadata } from '@grpc/grpc-js';
import type { PutChunkRequest, PutChunkResponse } from '../../../proto/gen/storage.ts';
import { storageService } from '../../../proto/storage-service.ts';
import type { Clock, Timer } from '../../common/clock.ts';
import { type ChunkWriter, NodeFailure } from '../objects/ports.ts';
import type { ServerId } from '../placement/membership.ts';
import { toNodeFailure } from './failures.ts';

/** A node that takes no byte for this long has failed. */
const STALL_MS = 20_000;
/** From the last byte to the answer: the node flushes what its disk still holds back. */
const FINISH_MS = 60_000;
/** A stream whose client is slow is kept alive by empty messages, well within the node's idle limit. */
const KEEP_ALIVE_MS = 15_000;

export interface WriterDeps {
  readonly clock: Clock;
  readonly client: Client;
  readonly serverId: ServerId;
  readonly onSettled: (failure: NodeFailure | undefined) => void;
}

/** One PutChunk call. */
export class GrpcChunkWriter implements ChunkWriter {
  readonly serverId: ServerId;
  readonly #deps: WriterDeps;
  readonly #call: ClientWritableStream<PutChunkRequest | Buffer>;
  readonly #keepAlive: Timer;
  readonly #onAbort: () => void;
  readonly #signal: AbortSignal;
  #failure: NodeFailure | undefined;
  #answer: PutChunkResponse | undefined;
  #waiting: { resolve(): void; reject(failure: NodeFailure): void } | undefined;
  #wroteSinceTick = false;

  constructor(deps: WriterDeps, chunkId: string, signal: AbortSignal) {
    this.serverId = deps.serverId;
    this.#deps = deps;
    const { path, requestSerialize, responseDeserialize } = storageService.putChunk;
    this.#call = deps.client.makeClientStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      new Metadata(),
      {},
      (error, answer) => this.#settle(error, answer),
    );
    this.#call.on('error', () => undefined); // The callback above reports it.
    this.#signal = signal;
    this.#onAbort = () => this.abort();
    signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#keepAlive = deps.clock.every(KEEP_ALIVE_MS, () => this.#tick());
    this.#call.write(emptyMessage(chunkId));
    if (signal.aborted) this.abort();
  }

  async write(frame: Buffer): Promise<void> {
    this.#wroteSinceTick = true;
    await this.#within(STALL_MS, 'took no byte', (taken) => this.#call.write(frame, () => taken()));
  }

  async finish(totalBytes: number): Promise<{ sizeBytes: number; sha256: string }> {
    await this.#within(FINISH_MS, 'did not confirm the chunk', () => {
      this.#call.write(emptyMessage('', totalBytes));
      this.#call.end();
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

  /** Runs `start`; resolves when it calls back or the node answers, rejects when the call fails or time runs out. */
  async #within(limitMs: number, complaint: string, start: (done: () => void) => void): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#answer !== undefined) return;
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
    if (isIdle) this.#call.write(emptyMessage(''));
    this.#wroteSinceTick = false;
  }

  #settle(error: ServiceError | null, answer: PutChunkResponse | undefined): void {
    this.#release();
    if (error !== null) {
      this.#fail(toNodeFailure(this.serverId, 'PutChunk', error));
      return;
    }
    this.#answer = answer;
    if (this.#failure === undefined) this.#deps.onSettled(undefined);
    // An answer before the end of the stream leaves writes without an acknowledgement, and ends the chunk early.
    this.#waiting?.resolve();
  }

  /** The first failure counts; later ones are its echo. */
  #fail(failure: NodeFailure): void {
    this.#release();
    if (this.#failure !== undefined || this.#answer !== undefined) return;
    this.#failure = failure;
    this.#deps.onSettled(failure);
    this.#waiting?.reject(failure);
  }

  #release(): void {
    this.#keepAlive.cancel();
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}

function emptyMessage(chunkId: string, totalSize?: number): PutChunkRequest {
  return { chunkId, data: new Uint8Array(0), checksum: '', dataCrc32c: undefined, totalSize };
}
