import type { handleUnaryCall } from '@grpc/grpc-js';
import type { HealthCheckRequest, HealthCheckResponse } from '../../../proto/gen/storage.ts';
import { chunkFileBytes } from '../chunks/chunk-format.ts';
import type { CallParts } from './call-parts.ts';
import { toFailure } from './status.ts';

/** How the node is and how full. Answered also while the node stops. */
export function healthCheck(parts: CallParts): handleUnaryCall<HealthCheckRequest, HealthCheckResponse> {
  return (_call, respond) => {
    answer(parts).then(
      (response) => respond(null, response),
      (error) => respond(toFailure(error, parts.log, { method: 'HealthCheck', chunkId: '' })),
    );
  };
}

async function answer({ store, calls, serverId }: CallParts): Promise<HealthCheckResponse> {
  const space = await store.space();
  return {
    status: statusWord(calls.isStopping, store.isReadOnly, space.availableBytes),
    availableSpace: space.availableBytes,
    usedSpace: space.usedBytes,
    totalSpace: space.totalBytes,
    serverId,
    chunkCount: space.chunkCount,
  };
}

/** The file of a chunk with one byte. */
const SMALLEST_FILE_BYTES = chunkFileBytes(1);

function statusWord(isStopping: boolean, isReadOnly: boolean, availableBytes: number): string {
  if (isStopping) return 'stopping';
  if (isReadOnly) return 'read-only';
  return availableBytes < SMALLEST_FILE_BYTES ? 'full' : 'healthy';
}
