/**
 * What a killed harness leaves must be found and ended by the next one, and nothing else. A failure here means
 * orphans that hold ports and data, or somebody else's process killed.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startMark } from './process-facts.ts';
import { endLeftovers, livingHarness, livingProcesses } from './process-record.ts';

/** A data folder whose record names this child, with a mark as given or the true one. */
async function recorded(mark?: number) {
  const dataDir = await mkdtemp(join(tmpdir(), 'sextant-record-'));
  const child: ChildProcess = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  if (child.stdout !== null) await once(child.stdout, 'data');
  const pid = child.pid ?? assert.fail('it was not spawned');
  const entries = [
    { name: 'harness', pid: 2 ** 22 - 1, mark: 1 },
    { name: 'node-1', pid, mark: mark ?? startMark(pid) },
  ];
  await writeFile(join(dataDir, 'processes.json'), JSON.stringify(entries));
  const end = async () => {
    child.kill('SIGKILL');
    await exited;
    await rm(dataDir, { recursive: true, force: true });
  };
  return { dataDir, child, exited, [Symbol.asyncDispose]: end };
}

describe('the record of processes', () => {
  test('lets the next harness end what a dead one left, and forgets it', async () => {
    await using left = await recorded();
    assert.equal(livingHarness(left.dataDir), undefined);
    assert.deepEqual(await endLeftovers(left.dataDir), ['node-1']);
    assert.equal((await left.exited)[1], 'SIGTERM');
    assert.equal(existsSync(join(left.dataDir, 'processes.json')), false);
  });

  test('never ends a process that merely has the number of a recorded one', async () => {
    await using left = await recorded(12345);
    assert.deepEqual(livingProcesses(left.dataDir), []);
    assert.deepEqual(await endLeftovers(left.dataDir), []);
    assert.deepEqual([left.child.exitCode, left.child.signalCode], [null, null]);
  });

  test('of a folder without one is empty', async () => {
    assert.deepEqual(await endLeftovers(join(tmpdir(), 'sextant-no-such-folder')), []);
  });
});
