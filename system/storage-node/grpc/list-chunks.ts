import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import type { ListChunksRequest, ListChunksResponse } from '../../../proto/gen/storage.ts';
import { ChunkError } from '../chunks/chunk-error.ts';
import type { CallParts } from './call-parts.ts';
import { MessageSender } from './message-sender.ts';
import { toFailure } from './status.ts';

/** Lists what is on the disk, in ascending bytewise order of the ids. */
export function listChunks(parts: CallParts): handleServerStreamingCall<ListChunksRequest, ListChunksResponse> {
  return (call) => {
    const known = { method: 'ListChunks', chunkId: '' };
    parts.calls
      .run(() => send(parts, call))
      .then(
        () => call.end(),
        (error) => call.emit('error', toFailure(error, parts.log, known)),
      );
  };
}

async function send(
  { store, clock, streamIdleTimeoutMs }: CallParts,
  call: ServerWritableStream<ListChunksRequest, ListChunksResponse>,
): Promise<void> {
  const { afterChunkId, limit } = call.request;
  if (limit < 0) throw new ChunkError('InvalidRequest', `limit is ${limit}`);
  using sender = new MessageSender(call, clock, streamIdleTimeoutMs);
  for await (const chunk of store.list(afterChunkId, limit === 0 ? Number.POSITIVE_INFINITY : limit)) {
    await sender.send(chunk);
  }
}
