import type { handleUnaryCall } from '@grpc/grpc-js';
import type { DeleteChunkRequest, DeleteChunkResponse } from '../../../proto/gen/storage.ts';
import { parseChunkId } from '../chunks/chunk-id.ts';
import type { CallParts } from './call-parts.ts';
import { toFailure } from './status.ts';

/** Removes a chunk. NOT_FOUND when there is none. Streams that read it already are served to their end. */
export function deleteChunk(parts: CallParts): handleUnaryCall<DeleteChunkRequest, DeleteChunkResponse> {
  return ({ request: { chunkId } }, respond) => {
    parts.calls
      .run(async () => parts.store.delete(parseChunkId(chunkId)))
      .then(
        () => respond(null, { success: true, errorMessage: '' }),
        (error) => respond(toFailure(error, parts.log, { method: 'DeleteChunk', chunkId })),
      );
  };
}
