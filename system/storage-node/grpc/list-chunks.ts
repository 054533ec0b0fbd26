import { ListChunksRequest, ListChunksResponse } from '../../../proto/gen/storage.ts';
import { ChunkError } from '../chunks/chunk-error.ts';
import { type CallParts, idleTimer, requestOf } from './call-parts.ts';
import type { Call } from './transport/call.ts';

/** Lists what is on the disk, in ascending bytewise order of the ids. */
export async function listChunks(parts: CallParts, call: Call): Promise<void> {
  const { afterChunkId, limit } = await requestOf(parts, call, ListChunksRequest);
  using idle = idleTimer(parts, call);
  if (limit < 0) throw new ChunkError('InvalidRequest', `limit is ${limit}`);
  for await (const chunk of parts.store.list(afterChunkId, limit === 0 ? Number.POSITIVE_INFINITY : limit)) {
    await call.sendMessage(ListChunksResponse.encode(chunk).finish());
    idle.touch();
    await parts.failpoints.reach('list.mid-way');
  }
}
