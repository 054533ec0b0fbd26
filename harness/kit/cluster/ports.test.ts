import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { freePort, freePorts, isPortFree } from './ports.ts';

test('ports are given once each, outside the range of outgoing connections', async () => {
  const ports = [...(await freePorts(20)), ...(await freePorts(20))];
  assert.equal(new Set(ports).size, 40);
  assert.ok(ports.every((port) => port >= 20_000 && port < 30_000));
});

test('a port that somebody listens on is not free, and free again afterwards', async () => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  assert.equal(await isPortFree(port), false);
  server.close();
  await once(server, 'close');
  assert.equal(await isPortFree(port), true);
});
