import { DeleteChunkRequest, DeleteChunkResponse } from '../../../proto/gen/storage.ts';
import { parseChunkId } from '../chunks/chunk-id.ts';
import { type CallParts, requestOf } from './call-parts.ts';
import type { Call } from './transport/call.ts';

/** Removes a chunk. NOT_FOUND when there is none. Streams that read it already are served to their end. */
export async function deleteChunk(parts: CallParts, call: Call): Promise<void> {
  const { chunkId } = await requestOf(parts, call, DeleteChunkRequest);
  await parts.store.delete(parseChunkId(chunkId));
  await call.sendMessage(DeleteChunkResponse.encode({ success: true, errorMessage: '' }).finish());
}
