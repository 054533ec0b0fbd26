import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { createLogger } from '../../common/log.ts';
import { systemRandom as random } from '../../common/random.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { GatewayMetrics } from '../metrics.ts';
import type { Files } from '../objects/files.ts';
import type { FileRecord } from '../objects/ports.ts';
import { listenRest, type RestServerDeps } from './server.ts';

/** A listener with nothing behind it but what a test needs. */
async function listen(uses: { files?: Pick<Files, 'completed' | 'read'> } = {}) {
  const clock = new VirtualClock();
  const metrics = new GatewayMetrics();
  const credentials = { restKeys: [], clusterToken: undefined };
  const log = createLogger('test', 'silent');
  const settings = { registry: metrics.registry, credentials, bodyIdleTimeoutMs: 60_000 };
  const deps = { clock, random, log, metrics, ...settings, ...uses };
  const rest = await listenRest(
    { host: '127.0.0.1', port: 0, shutdownDeadlineMs: 1 },
    deps as unknown as RestServerDeps,
  );
  return {
    clock,
    url: rest.url,
    port: Number(new URL(rest.url).port),
    [Symbol.asyncDispose]: () => rest[Symbol.asyncDispose](),
  };
}

for (const path of ['/internal/heartbeat', '/admin/access-keys', '/admin/scrub']) {
  test(`a client that goes silent within the document that it sends to ${path} is told so after a while`, async () => {
    await using rest = await listen();
    const socket = connect(rest.port, '127.0.0.1');
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"server_id`,
    );
    for (let turn = 0; turn < 1_000 && rest.clock.pending === 0; turn++) await new Promise(setImmediate);
    rest.clock.advance(60_000);
    const [answer] = await once(socket, 'data', { signal: AbortSignal.timeout(2_000) }).finally(() => socket.destroy());
    assert.match(String(answer), /^HTTP\/1.1 408 /);
    assert.match(String(answer), /"code":"ClientTooSlow"/);
  });
}

test('a client that waits for 100 Continue is told to send its document, and the document is read', async () => {
  await using rest = await listen();
  const socket = connect(rest.port, '127.0.0.1');
  const next = async () => String((await once(socket, 'data', { signal: AbortSignal.timeout(2_000) }))[0]);
  const document = Buffer.from('{"server_id":"文"}');
  socket.write(
    `POST /internal/heartbeat HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${document.length}\r\nexpect: 100-continue\r\n\r\n`,
  );
  assert.match(await next(), /^HTTP\/1.1 100 /);
  // In the middle of a character.
  socket.write(document.subarray(0, 15));
  await new Promise(setImmediate);
  socket.write(document.subarray(15));
  assert.match(await next(), /^HTTP\/1.1 400 .*must have required property 'grpc_address'/s);
  socket.destroy();
  assert.equal(rest.clock.pending, 0, 'no timer is left');
});

test('a file whose row has a type that no header can carry is an error, and keeps nobody waiting', async () => {
  const file: FileRecord = {
    fileId: '6f1c2d34-5b6a-4c7d-8e9f-0a1b2c3d4e5f',
    filename: 'a',
    contentType: 'изображение/png',
    sizeBytes: 1,
    unitBytes: 1,
    sha256: 'ab',
    uploadStatus: 'completed',
    createdAt: new Date(0),
    chunks: [],
  };
  const open = {
    async *bytes() {
      yield Buffer.from('x');
    },
    [Symbol.dispose]: () => undefined,
  };
  await using rest = await listen({ files: { completed: async () => file, read: async () => open } });
  const answer = await fetch(`${rest.url}/files/${file.fileId}`, { signal: AbortSignal.timeout(2_000) });
  assert.equal(answer.status, 500);
  assert.equal(((await answer.json()) as { code: string }).code, 'InternalError');
});
