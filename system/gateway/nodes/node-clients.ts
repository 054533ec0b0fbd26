import { type ChannelOptions, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { type StorageMethod, storageService } from '../../../proto/storage-service.ts';
import { assert } from '../../common/assert.ts';
import { KiB, MiB } from '../../common/bytes.ts';
import type { Clock } from '../../common/clock.ts';
import type { BufferHeap } from '../../common/heap.ts';
import type { Random } from '../../common/random.ts';
import { type ByteSpan, type ChunkReader, type ChunkWriter, NodeFailure, type Nodes } from '../objects/ports.ts';
import type { Heartbeat } from '../objects/server-registry.ts';
import type { MembershipSnapshot, ServerId } from '../placement/membership.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { blamesNode, toNodeFailure } from './failures.ts';
import { GrpcChunkReader } from './grpc-chunk-reader.ts';
import { GrpcChunkWriter } from './grpc-chunk-writer.ts';
import { Http2Channel } from './http2-channel.ts';
import { MessageBuffers } from './message-buffers.ts';

const UNARY_DEADLINE_MS = 5_000;
/** A node that verifies a chunk more slowly than this has failed. */
const VERIFY_BYTES_PER_MS = 4 * KiB;
const LISTING_DEADLINE_MS = 60_000;

/**
 * Of the connections to one node, by the messages that go over them, the widest first. Readers that ask for large messages are few
 * and want speed (with a window of 32 KiB a download costs the gateway more than twice the CPU time that it costs with 512 KiB);
 * readers that ask for small ones are many, and six paused streams of each hold memory.
 */
const WINDOWS = [
  { messageBytesMin: 256 * KiB, windowBytes: 512 * KiB },
  { messageBytesMin: 128 * KiB, windowBytes: 256 * KiB },
  { messageBytesMin: 0, windowBytes: 32 * KiB },
];

const channelOptions: ChannelOptions = {
  'grpc.max_receive_message_length': 2 * MiB,
  // A paused or unplugged node is noticed within 10 s even in the middle of a call.
  'grpc.keepalive_time_ms': 7_000,
  'grpc.keepalive_timeout_ms': 3_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  // We retry ourselves, knowing what is safe.
  'grpc.enable_retries': 0,
};

interface NodeConnection {
  readonly grpcAddress: string;
  /** For the calls that have one answer. */
  readonly client: Client;
  /** For the streams that carry chunks, as WINDOWS; each is connected when it is first needed. */
  readonly channels: readonly Http2Channel[];
  readonly breaker: CircuitBreaker;
}

export interface NodeClientsDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly heap: Pick<BufferHeap, 'passed'>;
}

/** The gRPC side of the Nodes port: one connection and one circuit breaker a node. */
export class NodeClients implements Nodes, Disposable {
  readonly #deps: NodeClientsDeps;
  readonly #buffers = new MessageBuffers();
  readonly #connections = new Map<ServerId, NodeConnection>();

  constructor(deps: NodeClientsDeps) {
    this.#deps = deps;
  }

  update(membership: MembershipSnapshot): void {
    for (const [serverId, connection] of this.#connections) {
      if (membership.servers.get(serverId)?.grpcAddress === connection.grpcAddress) continue;
      close(connection);
      this.#connections.delete(serverId);
    }
    for (const { serverId, grpcAddress } of membership.servers.values()) {
      if (this.#connections.has(serverId)) continue;
      const client = connect(grpcAddress);
      const { clock } = this.#deps;
      const channels = WINDOWS.map(({ windowBytes }) => new Http2Channel(grpcAddress, windowBytes, clock));
      this.#connections.set(serverId, { grpcAddress, client, channels, breaker: new CircuitBreaker(this.#deps) });
    }
  }

  returned(serverId: ServerId): void {
    const connection = this.#connections.get(serverId);
    if (connection === undefined) return;
    connection.breaker.succeeded();
    // The library's connection may be waiting for its next try.
    connection.client.close();
    this.#connections.set(serverId, { ...connection, client: connect(connection.grpcAddress) });
  }

  isReachable(serverId: ServerId): boolean {
    return this.#connections.get(serverId)?.breaker.isOpen === false;
  }

  writeChunk(serverId: ServerId, chunkId: string, signal: AbortSignal): ChunkWriter {
    const connection = this.#connect(serverId);
    if (connection instanceof NodeFailure) return failedWriter(connection);
    return new GrpcChunkWriter(this.#callDeps(serverId, connection), chunkId, signal);
  }

  readChunk(
    serverId: ServerId,
    chunkId: string,
    span: ByteSpan,
    messageBytes: number,
    signal: AbortSignal,
  ): ChunkReader {
    const connection = this.#connect(serverId);
    if (connection instanceof NodeFailure) return failedReader(connection);
    const callDeps = this.#callDeps(serverId, connection, messageBytes);
    return new GrpcChunkReader(callDeps, chunkId, span, messageBytes, signal);
  }

  async deleteChunk(serverId: ServerId, chunkId: string): Promise<void> {
    const connection = this.#connect(serverId);
    if (connection instanceof NodeFailure) throw connection;
    try {
      await this.#unary(serverId, connection, 'DeleteChunk', storageService.deleteChunk, { chunkId });
    } catch (error) {
      if (!(error instanceof NodeFailure && error.kind === 'absent')) throw error;
    }
  }

  async verifyChunk(serverId: ServerId, chunkId: string, sizeBytes: number, signal: AbortSignal) {
    const connection = this.#connect(serverId);
    if (connection instanceof NodeFailure) throw connection;
    const options = { signal, deadlineMs: UNARY_DEADLINE_MS + sizeBytes / VERIFY_BYTES_PER_MS };
    const method = storageService.verifyChunk;
    const { size, checksum } = await this.#unary(serverId, connection, 'VerifyChunk', method, { chunkId }, options);
    return { sizeBytes: size, sha256: checksum };
  }

  async listChunks(serverId: ServerId, afterId: string, limit: number, signal: AbortSignal): Promise<string[]> {
    const connection = this.#connect(serverId);
    if (connection instanceof NodeFailure) throw connection;
    const { path, requestSerialize, responseDeserialize } = storageService.listChunks;
    const deadline = this.#deps.clock.nowMs() + LISTING_DEADLINE_MS;
    const request = { afterChunkId: afterId, limit };
    const { client, breaker } = connection;
    const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, { deadline });
    const cancel = () => call.cancel();
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const listed: string[] = [];
      for await (const { chunkId } of call) listed.push(chunkId);
      breaker.succeeded();
      return listed;
    } catch (error) {
      const failure = toNodeFailure(serverId, 'ListChunks', error as ServiceError);
      settle(breaker, failure);
      throw failure;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  async probe(grpcAddress: string): Promise<Heartbeat> {
    const client = connect(grpcAddress);
    try {
      const breaker = new CircuitBreaker(this.#deps);
      const health = await this.#unary(grpcAddress, { client, breaker }, 'HealthCheck', storageService.healthCheck, {});
      return {
        serverId: health.serverId || grpcAddress,
        grpcAddress,
        availableBytes: health.availableSpace,
        usedBytes: health.usedSpace,
        totalBytes: health.totalSpace,
        instanceId: health.instanceId || undefined,
        clusterId: health.clusterId || undefined,
      };
    } finally {
      client.close();
    }
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections.values()) close(connection);
    this.#connections.clear();
  }

  /** Names the failure instead of throwing it, since writers and readers report theirs when they are used. */
  #connect(serverId: ServerId): NodeConnection | NodeFailure {
    const connection = this.#connections.get(serverId);
    if (connection === undefined) return new NodeFailure('unavailable', serverId, 'the node is not a member');
    if (connection.breaker.isOpen)
      return new NodeFailure('unavailable', serverId, 'the node failed repeatedly and is left alone for a moment');
    return connection;
  }

  /** Default: over the widest connection. */
  #callDeps(serverId: ServerId, { breaker, channels }: NodeConnection, messageBytes = Number.POSITIVE_INFINITY) {
    const channel = channels[WINDOWS.findIndex(({ messageBytesMin }) => messageBytes >= messageBytesMin)];
    assert(channel !== undefined, `there is no connection for messages of ${messageBytes} bytes`);
    const onSettled = (failure: NodeFailure | undefined) => settle(breaker, failure);
    const { clock, heap } = this.#deps;
    return { clock, heap, buffers: this.#buffers, channel, serverId, onSettled };
  }

  #unary<Request, Response>(
    serverId: ServerId,
    { client, breaker }: Pick<NodeConnection, 'client' | 'breaker'>,
    operation: string,
    method: StorageMethod<Request, Response>,
    request: Request,
    { deadlineMs = UNARY_DEADLINE_MS, signal }: { deadlineMs?: number; signal?: AbortSignal } = {},
  ): Promise<Response> {
    const deadline = this.#deps.clock.nowMs() + deadlineMs;
    return new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = method;
      const call = client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        new Metadata(),
        { deadline },
        (error, answer) => {
          signal?.removeEventListener('abort', cancel);
          const failure =
            error !== null
              ? toNodeFailure(serverId, operation, error)
              : answer === undefined
                ? new NodeFailure('unavailable', serverId, `${operation}: no answer`)
                : undefined;
          settle(breaker, failure);
          if (failure !== undefined) reject(failure);
          else resolve(answer as Response);
        },
      );
      const cancel = () => call.cancel();
      if (signal?.aborted) cancel();
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }
}

function close({ client, channels }: NodeConnection): void {
  client.close();
  for (const channel of channels) channel[Symbol.dispose]();
}

function connect(grpcAddress: string): Client {
  return new Client(grpcAddress, credentials.createInsecure(), channelOptions);
}

/** Any answer shows that the node is there, also a refusal; only silence and broken connections count against it. */
function settle(breaker: CircuitBreaker, failure: NodeFailure | undefined): void {
  if (failure === undefined) breaker.succeeded();
  else if (blamesNode(failure)) breaker.failed();
  else if (failure.kind !== 'cancelled') breaker.succeeded();
}

function failedWriter(failure: NodeFailure): ChunkWriter {
  const fail = () => Promise.reject(failure);
  return { serverId: failure.serverId, write: fail, finish: fail, abort: () => undefined };
}

function failedReader(failure: NodeFailure): ChunkReader {
  return { serverId: failure.serverId, next: () => Promise.reject(failure), cancel: () => undefined };
}
