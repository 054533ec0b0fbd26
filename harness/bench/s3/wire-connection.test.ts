import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type WireAnswer, WireConnection, type WireRequest } from './wire-connection.ts';

const large = Buffer.alloc(3_000_000, 'abcdefg');
const request = (method: string) => `${method} /a HTTP/1.1\r\nhost: a\r\n\r\n`;

test('answers of all kinds are read one after the other, and their bytes compared', async (t) => {
  const send = await connectionTo(t, (request, response) => {
    if (request.method === 'DELETE') response.writeHead(204).end();
    else response.writeHead(200, { 'content-length': large.length, ETag: '"e"' }).end(large);
  });
  const whole = await send({ head: request('GET'), expected: large });
  assert.deepEqual(whole, { status: 200, etag: '"e"', bodyBytes: large.length, isAsExpected: true, complaint: '' });
  const head = await send({ head: request('HEAD'), isHead: true });
  assert.deepEqual([head.status, head.bodyBytes, head.isAsExpected], [200, 0, true]);
  const gone = await send({ head: request('DELETE') });
  assert.deepEqual([gone.status, gone.isAsExpected], [204, true]);
  const other = await send({ head: request('GET'), expected: Buffer.from(large).fill('x', 2_999_999) });
  assert.equal(other.isAsExpected, false);
  const longer = await send({ head: request('GET'), expected: large.subarray(1) });
  assert.equal(longer.isAsExpected, false);
  const shorter = await send({ head: request('GET'), expected: Buffer.concat([large, large]) });
  assert.equal(shorter.isAsExpected, false);
});

test('what an error says is kept, and a body that is sent arrives', async (t) => {
  const send = await connectionTo(t, (request, response) => {
    let bytes = 0;
    request.on('data', (piece) => {
      bytes += piece.length;
    });
    request.on('end', () => response.writeHead(409, { 'content-length': 7 }).end(String(bytes)));
  });
  const head = `PUT /a HTTP/1.1\r\nhost: a\r\ncontent-length: ${large.length}\r\n\r\n`;
  const { status, complaint } = await send({ head, body: large });
  assert.deepEqual([status, complaint], [409, String(large.length)]);
});

test('a connection that breaks fails the request on it', async (t) => {
  const send = await connectionTo(t, (request) => request.socket.destroy());
  await assert.rejects(send({ head: request('GET') }), /ECONNRESET|closed the connection/);
});

test('an answer whose end cannot be known is refused', async (t) => {
  const send = await connectionTo(t, (_, response) => response.end());
  await assert.rejects(send({ head: 'GET /a HTTP/1.0\r\n\r\n' }), /without a Content-Length/);
});

async function connectionTo(
  t: TestContext,
  listener: RequestListener,
): Promise<(request: WireRequest) => Promise<WireAnswer>> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const connection = await WireConnection.open(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  t.after(() => connection[Symbol.dispose]());
  return (request) => connection.send(request);
}
