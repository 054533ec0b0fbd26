import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type {
  DeleteChunkResponse,
  GetChunkRequest,
  GetChunkResponse,
  HealthCheckResponse,
  ListChunksRequest,
  ListChunksResponse,
  PutChunkRequest,
  PutChunkResponse,
  VerifyChunkResponse,
} from '../../../proto/gen/storage.ts';
import { type StorageMethod, storageService } from '../../../proto/storage-service.ts';
import { delay, systemClock } from '../../common/clock.ts';
import { noFailpoints } from '../../common/failpoint.ts';
import { createLogger } from '../../common/log.ts';
import { type TestStore, type TestStoreOptions, testStore } from '../chunks/store.fixture.ts';
import { RunningCalls } from './running-calls.ts';
import { type ListeningServer, listenGrpc } from './server.ts';

export interface TestNode extends AsyncDisposable {
  readonly storage: TestStore;
  readonly server: ListeningServer;
  readonly client: Client;
  readonly calls: RunningCalls;
  /** What has come in for chunks, message prefixes not counted. */
  readonly passedBytes: () => number;
}

export interface TestNodeOptions extends TestStoreOptions {
  readonly shutdownDeadlineMs?: number;
  readonly streamIdleTimeoutMs?: number;
  readonly clusterId?: string;
  readonly isRefused?: () => boolean;
}

/** A node over gRPC in this process, on a port of its own, with a client that is connected to it. */
export async function testNode(options: TestNodeOptions = {}): Promise<TestNode> {
  const storage = await testStore(options);
  const calls = new RunningCalls();
  let passedBytes = 0;
  const server = await listenGrpc(
    {
      store: storage.store,
      calls,
      serverId: 'node-test',
      instanceId: 'instance-test',
      clusterId: () => options.clusterId,
      isRefused: options.isRefused ?? (() => false),
      streamIdleTimeoutMs: options.streamIdleTimeoutMs ?? 60_000,
      heap: {
        passed: (bytes) => {
          passedBytes += bytes;
        },
      },
      clock: options.clock ?? systemClock,
      log: createLogger('test', 'silent'),
      failpoints: noFailpoints,
    },
    { host: '127.0.0.1', port: 0, shutdownDeadlineMs: options.shutdownDeadlineMs ?? 500 },
  );
  const client = connect(server.port);
  return {
    storage,
    server,
    client,
    calls,
    passedBytes: () => passedBytes,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await server[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
    },
  };
}

export function connect(port: number): Client {
  return new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
}

/** One PutChunk stream, message by message. */
export function startPut(client: Client) {
  const { promise: response, resolve, reject } = Promise.withResolvers<PutChunkResponse>();
  response.catch(() => {});
  const { path, requestSerialize, responseDeserialize } = storageService.putChunk;
  const call = client.makeClientStreamRequest(path, requestSerialize, responseDeserialize, (error, value) =>
    error ? reject(error) : resolve(value as PutChunkResponse),
  );
  return {
    response,
    /** Resolves when the transport has taken the message. */
    send: (message: Partial<PutChunkRequest> | Buffer) =>
      new Promise<void>((sent) => {
        const whole = Buffer.isBuffer(message)
          ? message
          : {
              chunkId: '',
              data: Buffer.alloc(0),
              checksum: '',
              ...message,
            };
        call.write(whole, () => sent());
      }),
    end: () => {
      call.end();
      return response;
    },
    cancel: () => call.cancel(),
  };
}

/** Sends all messages and ends the stream. */
export async function put(client: Client, ...messages: Partial<PutChunkRequest>[]): Promise<PutChunkResponse> {
  const stream = startPut(client);
  for (const message of messages) void stream.send(message);
  return await stream.end();
}

/** The messages of one GetChunk stream. */
export function get(client: Client, request: Partial<GetChunkRequest>): Promise<GetChunkResponse[]> {
  return collect(client, storageService.getChunk, { chunkId: '', offset: 0, length: 0, messageBytes: 0, ...request });
}

export function list(client: Client, request: Partial<ListChunksRequest> = {}): Promise<ListChunksResponse[]> {
  return collect(client, storageService.listChunks, { afterChunkId: '', limit: 0, ...request });
}

export function remove(client: Client, chunkId: string): Promise<DeleteChunkResponse> {
  return unary(client, storageService.deleteChunk, { chunkId });
}

export function verify(client: Client, chunkId: string): Promise<VerifyChunkResponse> {
  return unary(client, storageService.verifyChunk, { chunkId });
}

export function health(client: Client): Promise<HealthCheckResponse> {
  return unary(client, storageService.healthCheck, {});
}

/** What assert.rejects compares a gRPC failure with. */
export function failsWith(code: keyof typeof status, details = /./) {
  return (error: ServiceError) => {
    if (status[error.code] !== code || !details.test(error.details)) {
      throw new Error(`expected ${code} ${details}, found ${status[error.code]}: ${error.details ?? error.message}`);
    }
    return true;
  };
}

/** Waits until `isTrue`, for at most five seconds. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const endAtMs = systemClock.monotonicMs() + 5000;
  while (!(await isTrue())) {
    if (systemClock.monotonicMs() > endAtMs) throw new Error(`waited 5 s for this: ${what}`);
    await delay(systemClock, 5);
  }
}

function unary<Request, Response>(
  client: Client,
  { path, requestSerialize, responseDeserialize }: StorageMethod<Request, Response>,
  request: Request,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, new Metadata(), (error, value) =>
      error ? reject(error) : resolve(value as Response),
    );
  });
}

async function collect<Request, Response>(
  client: Client,
  { path, requestSerialize, responseDeserialize }: StorageMethod<Request, Response>,
  request: Request,
): Promise<Response[]> {
  const messages: Response[] = [];
  for await (const message of client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request)) {
    messages.push(message as Response);
  }
  return messages;
}
