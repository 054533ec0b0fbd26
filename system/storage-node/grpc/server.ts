import { isIPv6 } from 'node:net';
import { fileURLToPath } from 'node:url';
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
import { toStatus } from './status.ts';
import type { Call } from './transport/call.ts';
import { GrpcServer, type Handler } from './transport/grpc-server.ts';
import { libraryServer } from './transport/library-service.ts';
import { verifyChunk } from './verify-chunk.ts';

/** Data of up to 4 MiB in one message, and what protobuf puts around it. Larger ones are RESOURCE_EXHAUSTED. */
const MESSAGE_BYTES_MAX = 4 * MiB + 64 * KiB;

const STORAGE_SERVICE = 'storage.StorageService';
const storageProtoPath = fileURLToPath(new URL('../../../proto/storage.proto', import.meta.url));

export interface ListeningServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * Serves the storage service, the standard health service and reflection. Rejects with the operating system's error when
 * the port cannot be had. Disposing it refuses new calls, lets those that run finish within `shutdownDeadlineMs`, and
 * breaks off the rest.
 */
export async function listenGrpc(
  parts: CallParts,
  listen: { host: string; port: number; shutdownDeadlineMs: number },
): Promise<ListeningServer> {
  const counted = (serve: (parts: CallParts, call: Call) => Promise<void>) => (call: Call) =>
    parts.calls.run(() => serve(parts, call));
  const handlers = new Map<string, Handler>([
    [storageService.putChunk.path, counted(putChunk)],
    [storageService.getChunk.path, counted(getChunk)],
    [storageService.deleteChunk.path, counted(deleteChunk)],
    [storageService.healthCheck.path, (call) => healthCheck(parts, call)],
    [storageService.listChunks.path, counted(listChunks)],
    [storageService.verifyChunk.path, counted(verifyChunk)],
  ]);
  const health = new HealthImplementation({ '': 'SERVING', [STORAGE_SERVICE]: 'SERVING' });
  health.addToServer(libraryServer(handlers));
  const described = { ...loadSync(storageProtoPath), ...loadSync(healthProtoPath) };
  new ReflectionService(described).addToServer(libraryServer(handlers));
  const server = new GrpcServer({
    handlers,
    describe: (error, call) => toStatus(error, parts.log, call.method),
    clock: parts.clock,
    messageBytesMax: MESSAGE_BYTES_MAX,
  });
  return {
    port: await server.listen(listen.host, listen.port),
    [Symbol.asyncDispose]: async () => {
      health.setStatus('', 'NOT_SERVING');
      health.setStatus(STORAGE_SERVICE, 'NOT_SERVING');
      await shutDown(server, parts, listen.shutdownDeadlineMs);
    },
  };
}

/** As one writes it in an address. */
export function hostPort(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The last answers are handed to the connection when their calls end, and take a moment to be sent. */
const ANSWERS_MS = 250;
/** Calls that are broken off remove their temporary files; what a hanging disk keeps is swept at the next start. */
const CLEANUP_MS = 2000;

/** Streams of the health service may stay open for ever, so what is waited for is our own calls, then the answers to them. */
async function shutDown(server: GrpcServer, { calls, clock, log }: CallParts, deadlineMs: number): Promise<void> {
  const closed = server.stop();
  const finished = await isDoneWithin(clock, deadlineMs, calls.stop());
  if (finished) await isDoneWithin(clock, ANSWERS_MS, closed);
  else log.warn({ deadlineMs }, 'the shutdown deadline has passed: breaking off the calls that still run');
  server.destroy();
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
