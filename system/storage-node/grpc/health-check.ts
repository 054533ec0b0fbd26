import { HealthCheckRequest, HealthCheckResponse } from '../../../proto/gen/storage.ts';
import { chunkFileBytes } from '../chunks/chunk-format.ts';
import { type CallParts, requestOf } from './call-parts.ts';
import type { Call } from './transport/call.ts';

/** How the node is and how full. Answered also while the node stops. */
export async function healthCheck({ store, calls, serverId }: CallParts, call: Call): Promise<void> {
  await requestOf(call, HealthCheckRequest);
  const space = await store.space();
  const answer = {
    status: statusWord(calls.isStopping, store.isReadOnly, space.availableBytes),
    availableSpace: space.availableBytes,
    usedSpace: space.usedBytes,
    totalSpace: space.totalBytes,
    serverId,
    chunkCount: space.chunkCount,
  };
  await call.sendMessage(HealthCheckResponse.encode(answer).finish());
}

/** The file of a chunk with one byte. */
const SMALLEST_FILE_BYTES = chunkFileBytes(1);

function statusWord(isStopping: boolean, isReadOnly: boolean, availableBytes: number): string {
  if (isStopping) return 'stopping';
  if (isReadOnly) return 'read-only';
  return availableBytes < SMALLEST_FILE_BYTES ? 'full' : 'healthy';
}
