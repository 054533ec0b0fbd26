import { FRAME_HEADROOM_BYTES, frameData, getChunkData } from '../../../proto/data-frame.ts';
import { GetChunkRequest } from '../../../proto/gen/storage.ts';
import { KiB, MiB } from '../../common/bytes.ts';
import { ChunkError } from '../chunks/chunk-error.ts';
import { parseChunkId } from '../chunks/chunk-id.ts';
import { readSpan, type Span, type Window } from '../chunks/read-span.ts';
import { type CallParts, idleTimer, requestOf } from './call-parts.ts';
import type { Call } from './transport/call.ts';
import { PREFIX_BYTES, writePrefix } from './transport/message-splitter.ts';

const MESSAGE_BYTES_DEFAULT = 256 * KiB;
const MESSAGE_BYTES_MAX = 1 * MiB;

/**
 * Streams a chunk, or a range of it. A block is verified before the first of its bytes is sent. When many streams run
 * the messages may be smaller than was allowed.
 */
export async function getChunk(parts: CallParts, call: Call): Promise<void> {
  const request = await requestOf(parts, call, GetChunkRequest);
  using idle = idleTimer(parts, call);
  const id = parseChunkId(request.chunkId);
  const messageBytes = messageBytesOf(request);
  using lease = parts.store.admitReader();
  await using reader = await parts.store.read(id, lease);
  await parts.failpoints.reach('get.after-open');
  for await (const window of readSpan(reader, spanOf(request, reader.sizeBytes), lease)) {
    for (let at = 0; at < window.bytes; at += messageBytes) {
      await call.send(framed(window, at, Math.min(messageBytes, window.bytes - at)));
      idle.touch();
      const reached = parts.failpoints.reach('get.mid-stream');
      if (reached !== undefined) await reached;
    }
  }
}

/**
 * A message, written around the `bytes` bytes that begin `at` bytes into the window, without a copy. What it overwrites
 * in front of them is the end of the message before, which has been sent.
 */
function framed(window: Window, at: number, bytes: number): Buffer {
  const dataAt = window.dataAt + at;
  const room = window.memory.subarray(dataAt - FRAME_HEADROOM_BYTES);
  const message = frameData(getChunkData, room, bytes, window.crc32c(at, bytes));
  const prefixAt = dataAt + bytes - message.length - PREFIX_BYTES;
  writePrefix(window.memory, prefixAt, message.length);
  return window.memory.subarray(prefixAt, dataAt + bytes);
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
