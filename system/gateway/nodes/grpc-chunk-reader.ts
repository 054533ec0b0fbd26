import { crc32c } from '@node-rs/crc32';
import { GetChunkRequest, GetChunkResponse } from '../../../proto/gen/storage.ts';
import { storageService } from '../../../proto/storage-service.ts';
import { MiB } from '../../common/bytes.ts';
import type { BufferHeap } from '../../common/heap.ts';
import { type ByteSpan, type ChunkReader, type LentBytes, NodeFailure } from '../objects/ports.ts';
import type { ServerId } from '../placement/membership.ts';
import { type Failure, toNodeFailure } from './failures.ts';
import type { StreamDeps } from './grpc-chunk-writer.ts';
import type { MessageBuffers } from './message-buffers.ts';
import { prefixed } from './message-prefix.ts';
import { type Message, MessageSplitter } from './message-splitter.ts';
import { StreamCall } from './stream-call.ts';

/** A node that sends no byte for this long, while we ask for one, has failed. */
const STALL_MS = 10_000;
const MESSAGE_BYTES_MAX = 2 * MiB;

export interface ReaderDeps extends StreamDeps {
  readonly buffers: MessageBuffers;
  readonly heap: Pick<BufferHeap, 'passed'>;
}

/** One GetChunk call. It is paused while nobody asks, so a slow client holds back the node, not memory. */
export class GrpcChunkReader implements ChunkReader {
  readonly serverId: ServerId;
  readonly #deps: ReaderDeps;
  readonly #call: StreamCall;
  readonly #signal: AbortSignal;
  readonly #onAbort = () => this.cancel();
  readonly #splitter: MessageSplitter;
  /** Verified messages that nobody has asked for: those that came with the one asked for. */
  readonly #ready: LentBytes[] = [];
  #missingBytes: number;
  #isTold = false;
  #failure: NodeFailure | undefined;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  constructor(deps: ReaderDeps, chunkId: string, span: ByteSpan, messageBytes: number, signal: AbortSignal) {
    this.serverId = deps.serverId;
    this.#deps = deps;
    this.#signal = signal;
    this.#missingBytes = span.length;
    this.#splitter = new MessageSplitter({ bytesMax: MESSAGE_BYTES_MAX, take: (bytes) => deps.buffers.take(bytes) });
    this.#call = new StreamCall(deps.channel.open(storageService.getChunk.path), {
      onBytes: (bytes) => this.#take(bytes),
      onEnd: (failure) => this.#settle(failure),
    });
    signal.addEventListener('abort', this.#onAbort, { once: true });
    const request = { chunkId, offset: span.offset, length: span.length, messageBytes };
    this.#call.write(prefixed(GetChunkRequest.encode(request).finish()));
    this.#call.endWriting();
    if (signal.aborted) this.cancel();
  }

  async next(): Promise<LentBytes | undefined> {
    // What was verified before a failure is good; the failure comes after it.
    if (this.#ready.length === 0 && this.#failure === undefined && !this.#hasEnded) await this.#more();
    const message = this.#ready.shift();
    if (message !== undefined) return message;
    if (this.#failure !== undefined) throw this.#failure;
    return undefined;
  }

  cancel(): void {
    this.#fail(new NodeFailure('cancelled', this.serverId, 'GetChunk was given up'));
    for (const bytes of this.#ready.splice(0)) bytes.giveBack();
    this.#call.cancel();
  }

  async #more(): Promise<void> {
    const timer = this.#deps.clock.after(STALL_MS, () => {
      this.#fail(new NodeFailure('deadline', this.serverId, `GetChunk: no byte within ${STALL_MS} ms`));
      this.#call.cancel();
    });
    try {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#call.resume();
      });
    } finally {
      this.#wake = undefined;
      timer.cancel();
    }
  }

  #take(bytes: Buffer): void {
    this.#deps.heap.passed(bytes.length);
    try {
      for (const message of this.#splitter.split(bytes)) this.#accept(message);
    } catch (error) {
      this.#fail(new NodeFailure('damaged', this.serverId, 'GetChunk: a message cannot be trusted', error));
      this.#call.cancel();
    }
    if (this.#ready.length === 0) return;
    this.#call.pause();
    this.#wake?.();
  }

  /** Damage on the way is found here, before a byte of the message is seen by anybody. */
  #accept({ buffer, bytes }: Message): void {
    const { data, dataCrc32c } = GetChunkResponse.decode(buffer, bytes);
    const view = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    if (dataCrc32c !== undefined && crc32c(view) !== dataCrc32c) {
      throw new Error('the data changed on its way from the node');
    }
    const lent = { data: view, giveBack: () => this.#deps.buffers.give(buffer) };
    if (view.length > 0) this.#ready.push(lent);
    else lent.giveBack();
    this.#missingBytes -= view.length;
    // Whoever has all that was asked for leaves before the stream ends.
    if (this.#missingBytes === 0) this.#tell(undefined);
  }

  #settle(failure: Failure | undefined): void {
    if (failure !== undefined) {
      this.#fail(toNodeFailure(this.serverId, 'GetChunk', failure));
      return;
    }
    if (!this.#splitter.isBetween) {
      this.#fail(new NodeFailure('damaged', this.serverId, 'GetChunk: the stream ended within a message'));
      return;
    }
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#hasEnded = true;
    this.#tell(undefined);
    this.#wake?.();
  }

  #fail(failure: NodeFailure): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    if (this.#failure !== undefined || this.#hasEnded) return;
    this.#failure = failure;
    this.#tell(failure);
    this.#wake?.();
  }

  #tell(failure: NodeFailure | undefined): void {
    if (!this.#isTold) this.#deps.onSettled(failure);
    this.#isTold = true;
  }
}
