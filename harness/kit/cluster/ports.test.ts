import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { freePort, freePorts, isPortFree } from './ports.ts';

test('ports are given once each, outside the range of outgoing connections', async () => {
  const ports = [...(await freePorts(20)), ...(await freePorts(20))];
  assert.equal(new Set(ports).size, 40);
  assert.ok(ports.every((port) => port >= 20_000 && port < 30_000));
});

test('a port that another process was given is not given again while that process lives', async () => {
  const giving = `import { freePorts } from ${JSON.stringify(import.meta.resolve('./ports.ts'))};
    console.log(JSON.stringify(await freePorts(400)));
    process.stdin.resume();`;
  const other = spawn(process.execPath, ['--input-type=module', '--eval', giving], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [told] = await once(createInterface(other.stdout), 'line');
    const theirs = new Set<number>(JSON.parse(told));
    // Without claims, 400 of 10,000 miss 400 others once in ten million runs.
    const openBefore = readdirSync('/proc/self/fd').length;
    const ours = await freePorts(400);
    assert.equal(readdirSync('/proc/self/fd').length - openBefore, ours.length, 'one open socket for each port');
    assert.deepEqual(
      ours.filter((port) => theirs.has(port)),
      [],
    );
  } finally {
    other.kill();
  }
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
