import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLogger } from '../../common/log.ts';
import { systemRandom as random } from '../../common/random.ts';
import { temporaryDirectory } from '../chunks/store.fixture.ts';
import { systemDisk as disk } from '../chunks/system-disk.ts';
import { lockDataDir, type Processes } from './data-dir-lock.ts';
import { systemProcesses } from './system-processes.ts';

const log = createLogger('test', 'silent');

function processes(ownPid: number, lives: Record<number, string>): Processes {
  return { ownPid, lifeOf: (pid) => lives[pid] };
}

async function directory() {
  const root = await temporaryDirectory();
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
}

test('a second process is refused with a sentence that names the first, until the first lets go', async () => {
  await using dir = await directory();
  const lives = { 100: 'boot/1', 200: 'boot/2' };
  const first = await lockDataDir(disk, dir.root, processes(100, lives), random, log);
  const second = () => lockDataDir(disk, dir.root, processes(200, lives), random, log);
  await assert.rejects(second, /in use by process 100: stop that node, or set SEXTANT_NODE_DATA_DIR/);
  await first[Symbol.asyncDispose]();
  await (await second())[Symbol.asyncDispose]();
  assert.deepEqual(await readdir(dir.root), []);
});

for (const [what, lives] of [
  ['whose process is gone', { 200: 'boot/2' }],
  ['whose process id belongs to another process by now', { 100: 'boot/9', 200: 'boot/2' }],
] as const) {
  test(`a lock ${what} is taken over`, async () => {
    await using dir = await directory();
    await lockDataDir(disk, dir.root, processes(100, { 100: 'boot/1' }), random, log);
    await using _second = await lockDataDir(disk, dir.root, processes(200, lives), random, log);
    assert.equal(JSON.parse(await readFile(join(dir.root, 'lock'), 'utf8')).pid, 200);
    assert.deepEqual(await readdir(dir.root), ['lock']);
  });
}

test('a lock that makes no sense is taken over', async () => {
  for (const text of ['', '{"pid":', '{"pid":"x"}', 'null']) {
    await using dir = await directory();
    await writeFile(join(dir.root, 'lock'), text);
    await using _lock = await lockDataDir(disk, dir.root, processes(200, { 200: 'boot/2' }), random, log);
  }
});

test('of many processes that find the same stale lock exactly one gets it', async () => {
  for (let round = 0; round < 20; round++) {
    await using dir = await directory();
    const pids = [1, 2, 3, 4, 5, 6];
    const lives = Object.fromEntries(pids.map((pid) => [pid, `boot/${pid}`]));
    await lockDataDir(disk, dir.root, processes(100, { 100: 'boot/1' }), random, log);
    const got = await Promise.allSettled(
      pids.map((pid) => lockDataDir(disk, dir.root, processes(pid, lives), random, log)),
    );
    assert.equal(got.filter((outcome) => outcome.status === 'fulfilled').length, 1);
  }
});

test('this process has a life, which is not that of its parent; a process that does not run has none', () => {
  const own = systemProcesses.lifeOf(systemProcesses.ownPid);
  assert.ok(own);
  assert.notEqual(own, systemProcesses.lifeOf(process.ppid));
  assert.equal(systemProcesses.lifeOf(2 ** 22 + 1), undefined);
});
