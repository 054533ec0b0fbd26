import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test } from 'node:test';
import type { Clock } from '../../common/clock.ts';
import { lingerAfterAnswer } from './request-body.ts';

const HALF = 'x'.repeat(100_000);
const PIECES = 100;

/** Refuses an upload of which half is there, and resolves when nothing waits for the rest any more. */
async function refuse(
  read: (request: IncomingMessage) => Promise<void>,
  goOn: (client: Socket) => void,
): Promise<void> {
  let whenCancelled: () => void = () => undefined;
  const cancelled = new Promise<void>((resolve) => {
    whenCancelled = resolve;
  });
  const clock = { after: () => ({ cancel: whenCancelled }) } as unknown as Clock;
  const server = createServer(async (request, response) => {
    await read(request);
    lingerAfterAnswer(request, response, clock);
    response.writeHead(403, { 'content-length': 0 }).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write(`PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: ${2 * HALF.length}\r\n\r\n${HALF}`);
  const [answer] = await once(client, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 403 /);
  goOn(client);
  await cancelled;
  client.destroy();
  server.close();
}

const bodies = [
  ['nobody has begun to read', async () => undefined],
  ['somebody has stopped to read', readFirstPiece],
] as const;

for (const [what, read] of bodies) {
  test(`a body that ${what} is drained behind a refusal, and then no timer waits for it`, { timeout: 10_000 }, () =>
    refuse(read, (client) => client.write(HALF)),
  );

  test(`a body that ${what}, and that breaks off behind a refusal, has no timer wait`, { timeout: 10_000 }, () =>
    refuse(read, (client) => client.destroy()),
  );
}

async function readFirstPiece(request: IncomingMessage): Promise<void> {
  const pieces = request.iterator({ destroyOnReturn: false });
  await pieces.next();
  await pieces.return?.();
}

test('a client that asks for the connection to be closed can send all of its body, and reads why it was refused', {
  timeout: 10_000,
}, async () => {
  let whenAnswered: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    whenAnswered = resolve;
  });
  const clock = { after: () => ({ cancel: () => undefined }) } as unknown as Clock;
  const server = createServer((request, response) => {
    lingerAfterAnswer(request, response, clock);
    response.once('finish', whenAnswered).writeHead(403, { 'content-length': 0 }).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  client.write(
    `PUT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${PIECES * HALF.length}\r\n\r\n${HALF}`,
  );
  await answered;
  // One after the other: the first piece that comes to a closed connection has it reset, and the next one finds that out.
  for (let sent = 1; sent < PIECES; sent++) {
    await new Promise<void>((resolve, reject) => client.write(HALF, (error) => (error ? reject(error) : resolve())));
    await new Promise(setImmediate);
  }
  const answer = await client.setEncoding('latin1').toArray();
  assert.match(answer.join(''), /^HTTP\/1\.1 403 /);
  server.close();
});
