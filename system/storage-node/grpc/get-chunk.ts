import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import { FRAME_HEADROOM_BYTES, frameData, getChunkData } from '../../../proto/data-frame.ts';
import type { GetChunkRequest, GetChunkResponse } from '../../../proto/gen/storage.ts';
import { KiB, MiB } from '../../common/bytes.ts';
import { ChunkError } from '../chunks/chunk-error.ts';
import { parseChunkId } from '../chunks/chunk-id.ts';
import { readSpan, type Span } from '../chunks/read-span.ts';
import type { CallParts } from './call-parts.ts';
import { MessageSender } from './message-sender.ts';
import { toFailure } from './status.ts';

const MESSAGE_BYTES_DEFAULT = 256 * KiB;
const MESSAGE_BYTES_MAX = 1 * MiB;

type Call = ServerWritableStream<GetChunkRequest, GetChunkResponse | Buffer>;

/**
 * Streams a chunk, or a range of it. A block is verified before the first of its bytes is sent. When many streams run
 * the messages may be smaller than was allowed.
 */
export function getChunk(parts: CallParts): handleServerStreamingCall<GetChunkRequest, GetChunkResponse | Buffer> {
  return (call) => {
    const known = { method: 'GetChunk', chunkId: call.request.chunkId };
    parts.calls
      .run(() => send(parts, call))
      .then(
        () => call.end(),
        (error) => call.emit('error', toFailure(error, parts.log, known)),
      );
  };
}

async function send(parts: CallParts, call: Call): Promise<void> {
  const { store, clock, streamIdleTimeoutMs } = parts;
  const id = parseChunkId(call.request.chunkId);
  const messageBytes = messageBytesOf(call.request);
  using sender = new MessageSender<GetChunkResponse | Buffer>(call, clock, streamIdleTimeoutMs);
  using lease = store.admitReader();
  await using reader = await store.read(id, lease);
  for await (const window of readSpan(reader, spanOf(call.request, reader.sizeBytes), lease)) {
    for (let at = 0; at < window.bytes; at += messageBytes) {
      const bytes = Math.min(messageBytes, window.bytes - at);
      // First to last: the envelope overwrites the end of the message before, which has been sent.
      const room = window.memory.subarray(window.dataAt + at - FRAME_HEADROOM_BYTES);
      await sender.send(frameData(getChunkData, room, bytes, window.crc32c(at, bytes)));
    }
  }
}

function messageBytesOf({ messageBytes }: GetChunkRequest): number {
  if (messageBytes < 0 || messageBytes > MESSAGE_BYTES_MAX) {
    throw new ChunkError('InvalidRequest', `message_bytes is ${messageBytes}, expected 0..${MESSAGE_BYTES_MAX}`);
  }
  return messageBytes === 0 ? MESSAGE_BYTES_DEFAULT : messageBytes;
}

function spanOf({ offset, length }: GetChunkRequest, sizeBytes: number): Span {
  if (offset < 0) throw new ChunkError('InvalidRequest', `offset is ${offset}`);
  if (length < 0) throw new ChunkError('InvalidRequest', `length is ${length}`);
  if (offset > sizeBytes) {
    throw new ChunkError('OutOfRange', `offset is ${offset}, but the chunk has ${sizeBytes} bytes`);
  }
  return { from: offset, to: length === 0 ? sizeBytes : Math.min(sizeBytes, offset + length) };
}
