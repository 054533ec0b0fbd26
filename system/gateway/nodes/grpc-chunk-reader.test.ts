import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { crc32c } from '@node-rs/crc32';
import { GetChunkResponse } from '../../../proto/gen/storage.ts';
import { systemClock } from '../../common/clock.ts';
import type { NodeFailure } from '../objects/ports.ts';
import { GrpcChunkReader } from './grpc-chunk-reader.ts';
import { Http2Channel } from './http2-channel.ts';
import { MessageBuffers } from './message-buffers.ts';
import { prefixed } from './message-prefix.ts';

const { signal } = new AbortController();

/** Reads a chunk from a server that sends frames as a test wants them, which a gRPC library would not. */
async function readFrom(send: (stream: ServerHttp2Stream) => void) {
  const server: Http2Server = createServer();
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    send(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const channel = new Http2Channel(`127.0.0.1:${(server.address() as AddressInfo).port}`, 512 * 1024, systemClock);
  const opened = channel.open.bind(channel);
  const streams: ReturnType<Http2Channel['open']>[] = [];
  channel.open = (path) => {
    const stream = opened(path);
    streams.push(stream);
    return stream;
  };
  const settled: (NodeFailure | undefined)[] = [];
  const deps = {
    clock: systemClock,
    channel,
    serverId: 'n',
    heap: { passed: () => undefined },
    buffers: new MessageBuffers(),
    onSettled: (failure: NodeFailure | undefined) => void settled.push(failure),
  };
  const reader = new GrpcChunkReader(deps, 'c', { offset: 0, length: 3_000 }, 1_000, signal);
  return {
    reader,
    settled,
    stream: streams[0] as ReturnType<Http2Channel['open']>,
    [Symbol.asyncDispose]: async () => {
      channel[Symbol.dispose]();
      server.close();
    },
  };
}

function message(fill: string, isDamaged = false): Buffer {
  const data = Buffer.alloc(1_000, fill);
  const dataCrc32c = (crc32c(data) ^ (isDamaged ? 1 : 0)) >>> 0;
  return prefixed(GetChunkResponse.encode({ data, dataCrc32c }).finish());
}

test('what follows a message that was damaged on its way is not given in its place', async () => {
  await using read = await readFrom((stream) => {
    // Each in a frame of its own.
    stream.write(message('a'), () => stream.write(message('b', true), () => stream.end(message('c'))));
  });
  const first = await read.reader.next();
  assert.equal(first?.data.toString()[0], 'a');
  // All that was sent waits in the stream now.
  while (read.stream.readableLength < 2 * message('b').length) await new Promise(setImmediate);
  const second = await read.reader.next().then(
    (lent) => lent?.data.toString()[0],
    (error: NodeFailure) => error.kind,
  );
  assert.equal(second, 'damaged');
});

test('a read that is given up when the node has sent all leaves no stream behind', async () => {
  await using read = await readFrom((stream) => {
    stream.write(message('a'));
    stream.write(message('b'));
    stream.end(message('c'));
  });
  await read.reader.next();
  while (!read.stream.closed) await new Promise(setImmediate);
  const closed = once(read.stream, 'close', { signal: AbortSignal.timeout(2_000) });
  read.reader.cancel();
  await closed;
});

test('a read that got all it asked for has gone well, although its stream is not read to the end', async () => {
  await using read = await readFrom((stream) => {
    stream.write(message('a'));
    stream.write(message('b'));
    stream.end(message('c'));
  });
  for (let turn = 0; turn < 3; turn++) (await read.reader.next())?.giveBack();
  read.reader.cancel();
  assert.deepEqual(read.settled, [undefined]);
});

test('a node that resets a stream because its reader took nothing for long has not failed', async () => {
  const sent = Promise.withResolvers<ServerHttp2Stream>();
  await using read = await readFrom((stream) => {
    stream.write(message('a'), () => sent.resolve(stream));
  });
  await read.reader.next();
  (await sent.promise).close(constants.NGHTTP2_CANCEL);
  await assert.rejects(read.reader.next(), { kind: 'cancelled' });
});

test('a connection that breaks is a failure of the node', async () => {
  const sent = Promise.withResolvers<ServerHttp2Stream>();
  await using read = await readFrom((stream) => {
    stream.write(message('a'), () => sent.resolve(stream));
  });
  await read.reader.next();
  (await sent.promise).session?.socket.destroy();
  await assert.rejects(read.reader.next(), { kind: 'unavailable' });
});
