import type { handleClientStreamingCall, ServerReadableStream } from '@grpc/grpc-js';
import { crc32c } from '@node-rs/crc32';
import type { PutChunkRequest, PutChunkResponse } from '../../../proto/gen/storage.ts';
import { ChunkError } from '../chunks/chunk-error.ts';
import { parseChunkId } from '../chunks/chunk-id.ts';
import type { ChunkPut } from '../chunks/chunk-put.ts';
import { type CallParts, clientGone } from './call-parts.ts';
import { Expectations } from './expectations.ts';
import { IdleTimer } from './idle-timer.ts';
import { toFailure } from './status.ts';

type Call = ServerReadableStream<PutChunkRequest, PutChunkResponse>;

/** Stores a chunk. The answer comes when it is on the disk; any other end leaves nothing behind. */
export function putChunk(parts: CallParts): handleClientStreamingCall<PutChunkRequest, PutChunkResponse> {
  return (call, respond) => {
    const known = { method: 'PutChunk', chunkId: '' };
    parts.calls
      .run(() => receive(parts, call, known))
      .then(
        (response) => respond(null, response),
        (error) => respond(toFailure(error, parts.log, known)),
      );
  };
}

async function receive(parts: CallParts, call: Call, known: { chunkId: string }): Promise<PutChunkResponse> {
  const { store, clock, streamIdleTimeoutMs } = parts;
  const { signal } = clientGone(call);
  using idle = new IdleTimer(clock, streamIdleTimeoutMs, () => call.destroy(idleFor(streamIdleTimeoutMs)));
  await using cleanup = new AsyncDisposableStack();
  const expected = new Expectations();
  let put: ChunkPut | undefined;
  for await (const message of messages(call, signal)) {
    idle.touch();
    if (!put) {
      const id = parseChunkId(message.chunkId);
      known.chunkId = id;
      put = cleanup.use(await store.startPut(id));
    }
    await take(put, expected, message);
  }
  if (!put) throw new ChunkError('InvalidRequest', 'chunk_id is missing: the stream has no message');
  const stored = await store.commit(put, (written) => expected.check(written), signal);
  return {
    chunkId: put.id,
    success: true,
    errorMessage: '',
    size: stored.sizeBytes,
    checksum: stored.sha256,
    alreadyStored: stored.alreadyStored,
  };
}

async function take(put: ChunkPut, expected: Expectations, message: PutChunkRequest): Promise<void> {
  const { chunkId, data, dataCrc32c } = message;
  if (chunkId !== '' && chunkId !== put.id) {
    throw new ChunkError('InvalidRequest', 'a later message of the stream has another chunk_id');
  }
  expected.learn(message);
  expected.allow(put.sizeBytes + data.length);
  if (expected.sizeBytes !== undefined) put.reserve(expected.sizeBytes);
  if (dataCrc32c !== undefined && crc32c(data) !== dataCrc32c) {
    throw new ChunkError('CorruptedInTransit', 'the data of a message does not match its data_crc32c');
  }
  await put.append(data, dataCrc32c);
}

/** Ends only where the client ended the stream; a stream that breaks off throws. */
async function* messages(call: Call, signal: AbortSignal): AsyncGenerator<PutChunkRequest> {
  try {
    for await (const message of call) yield message as PutChunkRequest;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

function idleFor(idleMs: number): ChunkError {
  return new ChunkError('PeerIdle', `no message came for ${idleMs} ms`);
}
