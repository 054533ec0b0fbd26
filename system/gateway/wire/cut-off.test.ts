import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { cutOff } from './cut-off.ts';
import { writeBytes } from './write-bytes.ts';

const { signal } = new AbortController();

test('of an answer that waits behind another and is cut off, nothing is sent when its turn comes', async () => {
  const both = Promise.withResolvers<void>();
  const answers: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    answers.push(response);
    if (answers.length === 2) both.resolve();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET /first HTTP/1.1\r\nhost: a\r\n\r\nGET /second HTTP/1.1\r\nhost: a\r\n\r\n');
  const received: Buffer[] = [];
  socket.on('data', (data) => received.push(data));
  await both.promise;
  const [first, second] = answers as [ServerResponse, ServerResponse];

  const clock = new VirtualClock();
  const piece = Buffer.from('bytes of the file');
  second.writeHead(200, { 'content-length': 100 });
  const writing = writeBytes(second, piece, { clock, idleTimeoutMs: 1_000, signal });
  clock.advance(1_000);
  await assert.rejects(writing, { code: 'ClientTooSlow' });
  cutOff(second);
  // The memory serves somebody else now.
  piece.fill('x');
  first.end('the first');

  await once(socket, 'close', { signal: AbortSignal.timeout(2_000) }).finally(() => {
    assert.ok(!Buffer.concat(received).includes('xxx'), Buffer.concat(received).toString());
    server.close();
    server.closeAllConnections();
  });
});
