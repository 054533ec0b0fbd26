import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, constants, createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { KiB } from '../../../common/bytes.ts';
import { VirtualClock } from '../../../common/virtual-clock.ts';
import { until } from '../node.fixture.ts';
import { Call } from './call.ts';
import { PREFIX_BYTES, writePrefix } from './message-splitter.ts';

test('a stream that the client resets without an error, after its message was refused, holds nothing any more', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    const request = client.request({ ':method': 'POST', ':path': '/storage.StorageService/PutChunk' });
    request.on('error', () => {});
    const message = Buffer.alloc(PREFIX_BYTES + 100 * KiB);
    writePrefix(message, 0, 100 * KiB);
    request.write(message);
    const [stream, headers] = (await once(server, 'stream')) as [ServerHttp2Stream, IncomingHttpHeaders];
    const call = new Call(stream, headers, new VirtualClock(), 1000 * KiB);
    const refuse = () => {
      throw new Error('refused');
    };
    await assert.rejects(call.receive({ begin: () => {}, piece: refuse, end: refuse }), /refused/);
    request.close(constants.NGHTTP2_NO_ERROR);
    await until('the reset has come', () => stream.closed);
    call.finish({ code: 3, details: 'refused' });
    await until('the stream is over', () => stream.destroyed);
  } finally {
    client.destroy();
    server.close();
  }
});
