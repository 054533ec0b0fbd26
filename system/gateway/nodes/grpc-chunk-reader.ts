import { type Client, type ClientReadableStream, Metadata, type ServiceError } from '@grpc/grpc-js';
import { crc32c } from '@node-rs/crc32';
import type { GetChunkResponse } from '../../../proto/gen/storage.ts';
import { storageService } from '../../../proto/storage-service.ts';
import type { Clock } from '../../common/clock.ts';
import { type ByteSpan, type ChunkReader, NodeFailure } from '../objects/ports.ts';
import type { ServerId } from '../placement/membership.ts';
import { toNodeFailure } from './failures.ts';

/** A node that sends no byte for this long, while we ask for one, has failed. */
const STALL_MS = 10_000;

export interface ReaderDeps {
  readonly clock: Clock;
  readonly client: Client;
  readonly serverId: ServerId;
  readonly onSettled: (failure: NodeFailure | undefined) => void;
}

/** One GetChunk call. Messages are pulled one by one, so a slow client holds back the node, not memory. */
export class GrpcChunkReader implements ChunkReader {
  readonly serverId: ServerId;
  readonly #deps: ReaderDeps;
  readonly #call: ClientReadableStream<GetChunkResponse>;
  readonly #messages: AsyncIterator<GetChunkResponse>;
  readonly #signal: AbortSignal;
  readonly #onAbort = () => this.cancel();
  #late: NodeFailure | undefined;

  constructor(deps: ReaderDeps, chunkId: string, span: ByteSpan, messageBytes: number, signal: AbortSignal) {
    this.serverId = deps.serverId;
    this.#deps = deps;
    const { path, requestSerialize, responseDeserialize } = storageService.getChunk;
    const request = { chunkId, offset: span.offset, length: span.length, messageBytes };
    this.#call = deps.client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      new Metadata(),
      {},
    );
    this.#call.on('error', () => undefined); // next() meets it through the iterator.
    this.#messages = this.#call[Symbol.asyncIterator]();
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.cancel();
  }

  async next(): Promise<Buffer | undefined> {
    const timer = this.#deps.clock.after(STALL_MS, () => {
      this.#late = new NodeFailure('deadline', this.serverId, `GetChunk: no byte within ${STALL_MS} ms`);
      this.#call.cancel();
    });
    try {
      for (;;) {
        const message = await this.#messages.next();
        if (message.done) return this.#end();
        const data = asBuffer(message.value.data);
        this.#verify(data, message.value.dataCrc32c);
        if (data.length > 0) return data;
      }
    } catch (error) {
      throw this.#failure(error);
    } finally {
      timer.cancel();
    }
  }

  cancel(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#call.cancel();
  }

  #end(): undefined {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#deps.onSettled(undefined);
    return undefined;
  }

  #verify(data: Buffer, expected: number | undefined): void {
    if (expected === undefined || crc32c(data) === expected) return;
    throw new NodeFailure('damaged', this.serverId, 'GetChunk: the data changed on its way from the node');
  }

  #failure(error: unknown): NodeFailure {
    this.cancel();
    const failure =
      this.#late ??
      (error instanceof NodeFailure ? error : toNodeFailure(this.serverId, 'GetChunk', error as ServiceError));
    this.#deps.onSettled(failure);
    return failure;
  }
}

/** The generated decoder types a view of the Buffer that arrived as Uint8Array. */
function asBuffer(data: Uint8Array): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
