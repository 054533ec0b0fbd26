import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ServiceProcess } from './managed-process.ts';
import { freePort, isPortFree } from './ports.ts';
import { standIns } from './stand-ins.fixture.ts';
import { type Exit, StartFailed } from './target.ts';

type StandIns = Awaited<ReturnType<typeof standIns>>;

async function service(
  all: StandIns,
  program: Parameters<StandIns['path']>[0],
  more: { readyDeadlineMs?: number; onUnexpectedExit?: (name: string, exit: Exit) => void } = {},
): Promise<ServiceProcess & { port: number }> {
  const port = await freePort();
  const process_ = new ServiceProcess({
    name: 'node-1',
    entryPoint: all.path(program),
    logFile: join(all.dir, 'logs', 'node-1.log'),
    address: `127.0.0.1:${port}`,
    dataDir: null,
    environment: { SEXTANT_NODE_PORT: String(port) },
    ...more,
  });
  return Object.assign(process_, { port });
}

describe('a managed process', () => {
  test('is ready when it says so, and writes to its own log', async () => {
    await using all = await standIns();
    const node = await service(all, 'polite');
    await node.start();
    assert.equal(node.isRunning, true);
    assert.equal(node.ready.server_id, `stand-in-${node.port}`);
    assert.match(await readFile(node.logFile, 'utf8'), /"msg":"ready"/);
    await node.stop();
    assert.equal(node.isRunning, false);
  });

  test('finishes politely when it is stopped', async () => {
    await using all = await standIns();
    const node = await service(all, 'polite');
    await node.start();
    const exited = node.exited();
    await node.stop();
    assert.deepEqual(await exited, { code: 0, signal: null });
    assert.match(await readFile(node.logFile, 'utf8'), /"msg":"bye"/);
  });

  test('comes back on the same port after a kill, under another process id', async () => {
    await using all = await standIns();
    const node = await service(all, 'polite');
    await node.start();
    const before = node.pid;
    await node.kill('SIGKILL');
    assert.equal(node.pid, null);
    assert.equal(await isPortFree(node.port), true);
    await node.start({ MARKER: 'second' });
    assert.notEqual(node.pid, before);
    assert.match(await readFile(node.logFile, 'utf8'), /second/);
    await node.stop();
  });

  test('can be started again before its kill was seen to end', async () => {
    await using all = await standIns();
    const one = await service(all, 'polite');
    await one.start();
    const { pid } = one;
    const killed = one.kill('SIGKILL');
    assert.equal(one.isRunning, false);

    await one.start();

    await killed;
    assert.equal(one.isRunning, true);
    assert.notEqual(one.pid, pid);
    await one.stop();
  });

  test('is stopped also while it is paused', async () => {
    await using all = await standIns();
    const node = await service(all, 'polite');
    await node.start();
    const exited = node.exited();
    await node.kill('SIGSTOP');
    await node.stop();
    assert.deepEqual(await exited, { code: 0, signal: null });
  });

  test('that fails to start tells the end of its log', async () => {
    await using all = await standIns();
    const node = await service(all, 'failing');
    await assert.rejects(node.start(), (error: StartFailed) => {
      assert.match(error.message, /node-1 .* did not start: it ended with exit code 1/);
      assert.match(error.message, /port 50051 is taken: set SEXTANT_NODE_PORT/);
      return error instanceof StartFailed;
    });
    assert.equal(node.isRunning, false);
  });

  test('that never gets ready is ended after its deadline', async () => {
    await using all = await standIns();
    const node = await service(all, 'silent', { readyDeadlineMs: 300 });
    await assert.rejects(node.start(), /it was not ready within 0.3 s/);
    assert.equal(node.isRunning, false);
  });

  test('that ends by itself is told, one that was asked to end is not', async () => {
    await using all = await standIns();
    const told: string[] = [];
    const node = await service(all, 'polite', { onUnexpectedExit: (name) => told.push(name) });
    await node.start();
    await node.stop();
    assert.deepEqual(told, []);
    await node.start();
    process.kill(node.pid ?? assert.fail('it runs'), 'SIGKILL');
    await node.exited();
    assert.deepEqual(told, ['node-1']);
  });

  test('tells its memory and its CPU time on Linux', { skip: process.platform !== 'linux' }, async () => {
    await using all = await standIns();
    const node = await service(all, 'polite');
    await node.start();
    assert.ok((node.peakRssBytes() ?? 0) > 10_000_000, `${node.peakRssBytes()}`);
    assert.ok((node.cpuSeconds() ?? -1) >= 0);
    await node.stop();
  });
});
