import { HealthCheckRequest, HealthCheckResponse } from '../../../proto/gen/storage.ts';
import { chunkFileBytes } from '../chunks/chunk-format.ts';
import { type CallParts, requestOf } from './call-parts.ts';
import type { Call } from './transport/call.ts';

/** How the node is and how full. Answered also while the node stops. */
export async function healthCheck(parts: CallParts, call: Call): Promise<void> {
  await requestOf(parts, call, HealthCheckRequest);
  const space = await parts.store.space();
  const answer = {
    status: statusWord(parts, space.availableBytes),
    availableSpace: space.availableBytes,
    usedSpace: space.usedBytes,
    totalSpace: space.totalBytes,
    serverId: parts.serverId,
    chunkCount: space.chunkCount,
    instanceId: parts.instanceId,
    clusterId: parts.clusterId() ?? '',
  };
  await call.sendMessage(HealthCheckResponse.encode(answer).finish());
}

/** The file of a chunk with one byte. */
const SMALLEST_FILE_BYTES = chunkFileBytes(1);

function statusWord({ calls, store, isRefused }: CallParts, availableBytes: number): string {
  if (calls.isStopping) return 'stopping';
  if (isRefused()) return 'refused';
  if (store.isReadOnly) return 'read-only';
  return availableBytes < SMALLEST_FILE_BYTES ? 'full' : 'healthy';
}
