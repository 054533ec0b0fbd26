import type { handleUnaryCall } from '@grpc/grpc-js';
import type { VerifyChunkRequest, VerifyChunkResponse } from '../../../proto/gen/storage.ts';
import { parseChunkId } from '../chunks/chunk-id.ts';
import { type CallParts, clientGone } from './call-parts.ts';
import { toFailure } from './status.ts';

/** Reads every byte of a chunk from the disk. DATA_LOSS when one is damaged. */
export function verifyChunk(parts: CallParts): handleUnaryCall<VerifyChunkRequest, VerifyChunkResponse> {
  return (call, respond) => {
    const { chunkId } = call.request;
    const { signal } = clientGone(call);
    parts.calls
      .run(async () => parts.store.verify(parseChunkId(chunkId), signal))
      .then(
        ({ sizeBytes, sha256 }) => respond(null, { size: sizeBytes, checksum: sha256.toString('hex') }),
        (error) => respond(toFailure(error, parts.log, { method: 'VerifyChunk', chunkId })),
      );
  };
}
