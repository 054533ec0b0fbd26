import { Client, credentials, Metadata, type ServiceError, type status } from '@grpc/grpc-js';
import { crc32c } from '@node-rs/crc32';
import { FRAME_HEADROOM_BYTES, frameData, putChunkData } from '../../../proto/data-frame.ts';
import type {
  HealthCheckResponse,
  ListChunksResponse,
  PutChunkRequest,
  PutChunkResponse,
  VerifyChunkResponse,
} from '../../../proto/gen/storage.ts';
import { type StorageMethod, storageService } from '../../../proto/storage-service.ts';
import { writeAll } from './grpc-stream.ts';

export { type ServiceError, status as grpcStatus } from '@grpc/grpc-js';

export interface PutChunk {
  readonly chunkId: string;
  /** The chunk's bytes, cut as they shall be sent: one message each. */
  readonly data: Iterable<Buffer> | AsyncIterable<Buffer>;
  /** SHA-256 in hexadecimal; sent with the last message, as one who hashes while sending would do. */
  readonly checksum?: string | (() => string);
  readonly totalSizeBytes?: number;
  /** Sends a CRC-32C with each message. Default false: the original contract has none. */
  readonly withCrc?: boolean;
}

export interface GetChunk {
  readonly chunkId: string;
  readonly offset?: number;
  readonly lengthBytes?: number;
  readonly messageBytes?: number;
}

export interface CallOptions {
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** A field left out of the message is not sent. */
export type PutMessage = Partial<PutChunkRequest>;

const deadlineMs = { unary: 30_000, stream: 300_000 };
/** How long a node that is just coming up may keep a first call waiting. */
const connectDeadlineMs = 5_000;

/**
 * A storage node as another program sees it. A failed call throws grpc-js's ServiceError: compare `code` with
 * `grpcStatus`. Each client has a connection of its own.
 */
export class NodeClient implements Disposable {
  readonly address: string;
  readonly #client: Client;

  constructor(address: string) {
    this.address = address;
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      // So that a node which restarts is found again at once.
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 500,
    });
  }

  /** Resolves when the connection stands. */
  async connected(withinMs = connectDeadlineMs): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#client.waitForReady(Date.now() + withinMs, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Streams a chunk with back-pressure: a piece is asked for when the one before has been taken. */
  putChunk(chunk: PutChunk, options: CallOptions = {}): Promise<PutChunkResponse> {
    return this.#put(chunk.withCrc ? framedMessages(chunk) : plainMessages(chunk), options);
  }

  /** Any stream of messages, also one that no honest client would send. */
  putMessages(
    messages: Iterable<PutMessage> | AsyncIterable<PutMessage>,
    options: CallOptions = {},
  ): Promise<PutChunkResponse> {
    return this.#put(whole(messages), options);
  }

  /** The data of each message. Ending the iteration early cancels the call. */
  async *getChunk(wanted: GetChunk, options: CallOptions = {}): AsyncGenerator<Buffer> {
    const request = {
      chunkId: wanted.chunkId,
      offset: wanted.offset ?? 0,
      length: wanted.lengthBytes ?? 0,
      messageBytes: wanted.messageBytes ?? 0,
    };
    for await (const { data } of this.#serverStream(storageService.getChunk, request, options)) {
      yield Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    }
  }

  deleteChunk(chunkId: string, options: CallOptions = {}): Promise<{ success: boolean; errorMessage: string }> {
    return this.#unary(storageService.deleteChunk, { chunkId }, options);
  }

  healthCheck(options: CallOptions = {}): Promise<HealthCheckResponse> {
    return this.#unary(storageService.healthCheck, {}, options);
  }

  verifyChunk(chunkId: string, options: CallOptions = {}): Promise<VerifyChunkResponse> {
    return this.#unary(storageService.verifyChunk, { chunkId }, options);
  }

  /** All the node's chunks, in order of their ids, unless `limit` or `afterChunkId` say otherwise. */
  listChunks({ afterChunkId = '', limit = 0 } = {}, options: CallOptions = {}): AsyncGenerator<ListChunksResponse> {
    return this.#serverStream(storageService.listChunks, { afterChunkId, limit }, options);
  }

  close(): void {
    this.#client.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #put(messages: AsyncIterable<PutChunkRequest | Buffer>, options: CallOptions): Promise<PutChunkResponse> {
    const { path, requestSerialize, responseDeserialize } = storageService.putChunk;
    return new Promise((resolve, reject) => {
      const call = this.#client.makeClientStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        new Metadata(),
        { deadline: Date.now() + (options.deadlineMs ?? deadlineMs.stream) },
        (error: ServiceError | null, response?: PutChunkResponse) => {
          settled.abort();
          if (error) reject(error);
          else if (response === undefined) reject(new Error('the node answered without a message'));
          else resolve(response);
        },
      );
      const settled = cancelOn(options.signal, call);
      writeAll(call, messages, settled.signal).catch((error) => {
        // The source of the bytes failed: the node must see a broken stream, not a short chunk.
        reject(error);
        call.cancel();
      });
    });
  }

  #unary<Request, Response>(
    method: StorageMethod<Request, Response>,
    request: Request,
    options: CallOptions,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        new Metadata(),
        { deadline: Date.now() + (options.deadlineMs ?? deadlineMs.unary) },
        (error: ServiceError | null, response?: Response) => {
          settled.abort();
          if (error || response === undefined) reject(error ?? new Error('the node answered without a message'));
          else resolve(response);
        },
      );
      const settled = cancelOn(options.signal, call);
    });
  }

  async *#serverStream<Request, Response>(
    method: StorageMethod<Request, Response>,
    request: Request,
    options: CallOptions,
  ): AsyncGenerator<Response> {
    const call = this.#client.makeServerStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      new Metadata(),
      { deadline: Date.now() + (options.deadlineMs ?? deadlineMs.stream) },
    );
    const settled = cancelOn(options.signal, call);
    try {
      yield* call as AsyncIterable<Response>;
    } finally {
      settled.abort();
      call.cancel();
    }
  }
}

/** Whether a call failed with this status. */
export function failedWith(error: unknown, code: status): error is ServiceError {
  return error instanceof Error && (error as Partial<ServiceError>).code === code;
}

async function* plainMessages(chunk: PutChunk): AsyncGenerator<PutChunkRequest> {
  yield* whole(
    (async function* () {
      yield { chunkId: chunk.chunkId, totalSize: chunk.totalSizeBytes };
      for await (const data of chunk.data) yield { data };
      if (chunk.checksum !== undefined) yield { checksum: checksumOf(chunk) };
    })(),
  );
}

async function* framedMessages(chunk: PutChunk): AsyncGenerator<PutChunkRequest | Buffer> {
  yield message({ chunkId: chunk.chunkId, totalSize: chunk.totalSizeBytes });
  for await (const data of chunk.data) {
    const frame = Buffer.allocUnsafe(FRAME_HEADROOM_BYTES + data.length);
    data.copy(frame, FRAME_HEADROOM_BYTES);
    yield frameData(putChunkData, frame, data.length, crc32c(data));
  }
  if (chunk.checksum !== undefined) yield message({ checksum: checksumOf(chunk) });
}

async function* whole(messages: Iterable<PutMessage> | AsyncIterable<PutMessage>): AsyncGenerator<PutChunkRequest> {
  for await (const one of messages) yield message(one);
}

function message(fields: PutMessage): PutChunkRequest {
  return { chunkId: '', data: noBytes, checksum: '', dataCrc32c: undefined, totalSize: undefined, ...fields };
}

const noBytes = new Uint8Array(0);

function checksumOf(chunk: PutChunk): string {
  return typeof chunk.checksum === 'function' ? chunk.checksum() : (chunk.checksum ?? '');
}

/** Cancels the call when the signal is aborted, until the returned controller says that the call is over. */
function cancelOn(signal: AbortSignal | undefined, call: { cancel(): void }): AbortController {
  const settled = new AbortController();
  if (signal?.aborted) call.cancel();
  signal?.addEventListener('abort', () => call.cancel(), { once: true, signal: settled.signal });
  return settled;
}
