import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ServiceProcess } from '../../cluster/managed-process.ts';
import { freePort } from '../../cluster/ports.ts';
import { NotChecked } from '../../testing/case-context.ts';
import { until } from '../../testing/until.ts';
import { during } from '../fault.ts';
import { together } from '../together.ts';
import { cut } from './cut.ts';
import { halfOpen } from './half-open.ts';
import { latency } from './latency.ts';
import type { Link } from './link.ts';
import { ProxiedLinks } from './proxied-links.ts';
import { refusal } from './refusal.ts';
import { blackhole, oneWayPartition } from './silence.ts';
import { slicer } from './slicer.ts';
import { timeout } from './timeout.ts';

const withinMs = 5_000;

const echo = `
  import { createServer } from 'node:net';
  createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(process.env.PORT, '127.0.0.1', () => {
    console.log(JSON.stringify({ msg: 'ready' }));
  });
`;

linkTest('sliced bytes all arrive, in small pieces', async ({ link }) => {
  const sent = Buffer.alloc(20_000, 'sextant');
  await during(slicer(link, 100, 50), async () => {
    const socket = await dial(link);
    const pieces: Buffer[] = [];
    socket.on('data', (piece) => pieces.push(piece));
    socket.write(sent);
    await until({ what: 'all bytes to come back', withinMs }, () => Buffer.concat(pieces).length === sent.length);
    assert.deepEqual(Buffer.concat(pieces), sent);
    assert.ok(pieces.length > 20, `${pieces.length} pieces`);
    socket.destroy();
  });
});

linkTest('latency ends soon also where a client went away before what was on its way to it', async ({ link }) => {
  const slow = latency(link, 1_000);
  await slow.start();
  for (let n = 0; n < 4; n++) {
    const socket = await dial(link);
    socket.write(Buffer.alloc(1_000_000));
    // The echo's bytes wait in the proxy at the end.
    await assert.rejects(once(socket, 'data', { signal: AbortSignal.timeout(1_500) }));
    socket.resetAndDestroy();
  }
  const sinceMs = performance.now();
  await slow.stop();
  assert.ok(performance.now() - sinceMs < withinMs, `${performance.now() - sinceMs} ms`);
  await assertEchoes(await dial(link));
});

linkTest('a timeout swallows what is sent, then ends the connection, and none after it is over', async ({ link }) => {
  const ms = 200;
  await during(timeout(link, ms), async () => {
    const socket = await dial(link);
    const sinceMs = performance.now();
    let came = 0;
    socket.on('data', (piece) => {
      came += piece.length;
    });
    socket.write('lost');
    await once(socket, 'close', { signal: AbortSignal.timeout(withinMs) });
    assert.equal(came, 0);
    assert.ok(performance.now() - sinceMs > ms / 2, 'it ended at once');
  });
  await assertEchoes(await dial(link));
});

linkTest(
  'a partition in the middle of another one breaks the link too, and leaves nothing of itself',
  async ({ link }) => {
    const before = oneWayPartition(link, 'downstream');
    await before.start();
    await during(together([blackhole(link)]), async () => {
      await before.stop();
      const socket = await dial(link);
      let came = 0;
      socket.on('data', (piece) => {
        came += piece.length;
      });
      socket.write('lost');
      await assert.rejects(once(socket, 'data', { signal: AbortSignal.timeout(200) }));
      assert.equal(came, 0);
      socket.destroy();
    });
    await assertEchoes(await dial(link));
  },
);

linkTest('a link that refuses connections goes on to, whatever else cuts it meanwhile', async ({ link }) => {
  await during(refusal(link), async () => {
    await cut(link).start();
    await assert.rejects(dial(link), { code: 'ECONNREFUSED' });
  });
  await cut(link).start();
  await assertEchoes(await dial(link));
});

linkTest('a half-open connection seems to stand while its peer is gone; new ones reach the new peer', async (it) => {
  const believed = await dial(it.link);
  await assertEchoes(believed, 'keep');
  const before = it.peer.pid;
  let came = 0;
  believed.on('data', (piece) => {
    came += piece.length;
  });
  await during(halfOpen([it.link], it.peer), async () => {
    assert.notEqual(it.peer.pid, before);
    believed.write('is anybody there');
    for (let n = 0; n < 3; n++) await assertEchoes(await dial(it.link));
    assert.equal(came, 0, 'nobody is there');
    assert.equal(believed.readyState, 'open', 'and nobody said so');
    believed.write('still');
  });
  if (!believed.destroyed) await once(believed, 'close', { signal: AbortSignal.timeout(withinMs) });
  await assertEchoes(await dial(it.link));
});

interface World {
  readonly link: Link;
  readonly peer: ServiceProcess;
}

/** With an echo behind a link. */
function linkTest(claim: string, body: (world: World) => Promise<void>): void {
  // Toxiproxy may have to be built.
  test(claim, { timeout: 300_000 }, async (t: TestContext) => {
    const dir = await mkdtemp(join(tmpdir(), 'sextant-links-'));
    const port = await freePort();
    await writeFile(join(dir, 'echo.mjs'), echo);
    const peer = new ServiceProcess({
      name: 'echo',
      entryPoint: join(dir, 'echo.mjs'),
      logFile: join(dir, 'echo.log'),
      address: `127.0.0.1:${port}`,
      dataDir: null,
      environment: { PORT: String(port) },
    });
    try {
      await using proxied = await ProxiedLinks.start(join(dir, 'toxiproxy.log'));
      await peer.start();
      await proxied.before('client -> echo', peer.address);
      await body({ link: proxied.named('client -> echo')[0] as Link, peer });
    } catch (error) {
      if (!(error instanceof NotChecked)) throw error;
      t.skip(error.message);
    } finally {
      await peer.stop();
      await rm(dir, { recursive: true });
    }
  });
}

async function dial(link: Link): Promise<Socket> {
  const [host, port] = link.address.split(':');
  const socket = connect(Number(port), host);
  // A connection that is cut is what these faults are about.
  socket.on('error', () => {});
  await once(socket, 'connect', { signal: AbortSignal.timeout(withinMs) });
  return socket;
}

async function assertEchoes(socket: Socket, after: 'end' | 'keep' = 'end'): Promise<void> {
  socket.write('hello');
  const [answer] = await once(socket, 'data', { signal: AbortSignal.timeout(withinMs) });
  assert.equal(String(answer), 'hello');
  if (after === 'end') socket.destroy();
}
