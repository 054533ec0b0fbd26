import { fileURLToPath } from 'node:url';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation, protoPath as healthProtoPath } from 'grpc-health-check';
import { storageService } from '../../../proto/storage-service.ts';
import { KiB, MiB } from '../../common/bytes.ts';
import { type Clock, delay } from '../../common/clock.ts';
import type { CallParts } from './call-parts.ts';
import { deleteChunk } from './delete-chunk.ts';
import { getChunk } from './get-chunk.ts';
import { healthCheck } from './health-check.ts';
import { listChunks } from './list-chunks.ts';
import { putChunk } from './put-chunk.ts';
import { verifyChunk } from './verify-chunk.ts';

/** The address cannot be listened on. */
export class CannotListen extends Error {
  override name = 'CannotListen';
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
 * Serves the storage service, the standard health service and reflection. Throws CannotListen. Disposing it stops new
 * calls, lets those that run finish within `shutdownDeadlineMs`, and breaks off the rest.
 */
export async function listenGrpc(
  parts: CallParts,
  listen: { address: string; shutdownDeadlineMs: number },
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
  const port = await bind(server, listen.address);
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      health.setStatus('', 'NOT_SERVING');
      health.setStatus(STORAGE_SERVICE, 'NOT_SERVING');
      await shutDown(server, parts, listen.shutdownDeadlineMs);
    },
  };
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(new CannotListen(`cannot listen on ${address}: ${error.message}`));
      else resolve(port);
    });
  });
}

/** Streams of the health service may stay open for ever, so what is waited for is our own calls and the answers to them. */
async function shutDown(server: Server, { calls, clock, log }: CallParts, deadlineMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  const finished = calls.stop().then(() => Promise.race([closed, afterAnswers(clock)]));
  const late = new AbortController();
  const tooLate = delay(clock, deadlineMs, late.signal).then(
    () => log.warn({ deadlineMs }, 'the shutdown deadline has passed: breaking off the calls that still run'),
    () => {},
  );
  await Promise.race([finished, tooLate]);
  late.abort(new Error('all calls have ended'));
  server.forceShutdown();
  // Calls that were broken off remove their temporary files now; what a hanging disk keeps is swept at the next start.
  await Promise.race([calls.stop(), delay(clock, CLEANUP_MS)]);
}

const CLEANUP_MS = 2000;

/** The last answers are handed to the transport when their calls end, and take a moment to be sent. */
const ANSWERS_MS = 250;

function afterAnswers(clock: Clock): Promise<void> {
  return delay(clock, ANSWERS_MS);
}
