import { once } from 'node:events';
import { createServer, isIPv6 } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation, protoPath as healthProtoPath } from 'grpc-health-check';
import { storageService } from '../../../proto/storage-service.ts';
import { KiB, MiB } from '../../common/bytes.ts';
import type { Clock } from '../../common/clock.ts';
import type { CallParts } from './call-parts.ts';
import { deleteChunk } from './delete-chunk.ts';
import { getChunk } from './get-chunk.ts';
import { healthCheck } from './health-check.ts';
import { listChunks } from './list-chunks.ts';
import { putChunk } from './put-chunk.ts';
import { verifyChunk } from './verify-chunk.ts';

/** As one writes it in an address. */
export function hostPort(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Data of up to 4 MiB in one message, and what protobuf puts around it. Larger ones are RESOURCE_EXHAUSTED by grpc-js. */
const RECEIVED_MESSAGE_BYTES_MAX = 4 * MiB + 64 * KiB;
const STREAMS_PER_CONNECTION_MAX = 1000;
/** A connection whose peer vanished without a word is noticed after these two, and its streams are cancelled. */
const KEEPALIVE_INTERVAL_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;

const STORAGE_SERVICE = 'storage.StorageService';
const storageProtoPath = fileURLToPath(new URL('../../../proto/storage.proto', import.meta.url));

export interface GrpcServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * Serves the storage service, the standard health service and reflection. Rejects with the
 * operating system's error when the port cannot be had. Disposing it stops new
 * calls, lets those that run finish within `shutdownDeadlineMs`, and breaks off the rest.
 */
export async function listenGrpc(
  parts: CallParts,
  listen: { host: string; port: number; shutdownDeadlineMs: number },
): Promise<GrpcServer> {
  const server = new Server({
    'grpc.max_receive_message_length': RECEIVED_MESSAGE_BYTES_MAX,
    'grpc.max_concurrent_streams': STREAMS_PER_CONNECTION_MAX,
    'grpc.keepalive_time_ms': KEEPALIVE_INTERVAL_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
  });
  server.addService(storageService, {
    putChunk: putChunk(parts),
    getChunk: getChunk(parts),
    deleteChunk: deleteChunk(parts),
    healthCheck: healthCheck(parts),
    listChunks: listChunks(parts),
    verifyChunk: verifyChunk(parts),
  });
  const health = new HealthImplementation({ '': 'SERVING', [STORAGE_SERVICE]: 'SERVING' });
  health.addToServer(server);
  new ReflectionService({ ...loadSync(storageProtoPath), ...loadSync(healthProtoPath) }).addToServer(server);
  await probePort(listen.host, listen.port);
  const port = await bind(server, hostPort(listen.host, listen.port));
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      health.setStatus('', 'NOT_SERVING');
      health.setStatus(STORAGE_SERVICE, 'NOT_SERVING');
      await shutDown(server, parts, listen.shutdownDeadlineMs);
    },
  };
}

/** grpc-js says only in words why it cannot listen; this says it with a code. */
async function probePort(host: string, port: number): Promise<void> {
  const probe = createServer();
  probe.listen({ host, port });
  await once(probe, 'listening');
  probe.close();
  await once(probe, 'close');
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

/** The last answers are handed to the transport when their calls end, and take a moment to be sent. */
const ANSWERS_MS = 250;
/** Calls that are broken off remove their temporary files; what a hanging disk keeps is swept at the next start. */
const CLEANUP_MS = 2000;

/** Streams of the health service may stay open for ever, so what is waited for is our own calls, then the answers to them. */
async function shutDown(server: Server, { calls, clock, log }: CallParts, deadlineMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  const finished = await isDoneWithin(clock, deadlineMs, calls.stop());
  if (finished) await isDoneWithin(clock, ANSWERS_MS, closed);
  else log.warn({ deadlineMs }, 'the shutdown deadline has passed: breaking off the calls that still run');
  server.forceShutdown();
  await isDoneWithin(clock, CLEANUP_MS, calls.stop());
}

function isDoneWithin(clock: Clock, limitMs: number, work: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.after(limitMs, () => resolve(false));
    const done = () => {
      timer.cancel();
      resolve(true);
    };
    work.then(done, done);
  });
}
