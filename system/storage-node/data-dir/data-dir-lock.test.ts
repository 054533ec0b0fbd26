import assert from 'node:assert/strict';
import { readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { createLogger } from '../../common/log.ts';
import type { Disk } from '../chunks/disk.ts';
import { diskFailure, faultyDisk } from '../chunks/faulty-disk.fixture.ts';
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
  const first = await lockDataDir(disk, dir.root, processes(100, lives), log);
  const second = () => lockDataDir(disk, dir.root, processes(200, lives), log);
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
    await lockDataDir(disk, dir.root, processes(100, { 100: 'boot/1' }), log);
    await using _second = await lockDataDir(disk, dir.root, processes(200, lives), log);
    assert.equal(await readlink(join(dir.root, 'lock')), '200/boot/2');
    assert.deepEqual(await readdir(dir.root), ['lock']);
  });
}

test('the lock that earlier nodes kept in a file is held while its process lives, and then taken over', async () => {
  await using dir = await directory();
  await writeFile(join(dir.root, 'lock'), '{"pid":100,"life":"boot/1"}');
  await writeFile(join(dir.root, 'lock.2f1c'), '');
  const lives: Record<number, string> = { 100: 'boot/1', 200: 'boot/2' };
  const second = () => lockDataDir(disk, dir.root, processes(200, lives), log);
  await assert.rejects(second, /in use by process 100/);
  delete lives[100];
  await using _second = await second();
  assert.deepEqual(await readdir(dir.root), ['lock']);
});

test('a lock that makes no sense is taken over', async () => {
  for (const text of ['', '{"pid":', '{"pid":"x"}', 'null']) {
    await using dir = await directory();
    await writeFile(join(dir.root, 'lock'), text);
    await using _lock = await lockDataDir(disk, dir.root, processes(200, { 200: 'boot/2' }), log);
  }
});

test('of many processes that find the same stale lock exactly one gets it', async () => {
  for (let round = 0; round < 20; round++) {
    await using dir = await directory();
    const pids = [1, 2, 3, 4, 5, 6];
    const lives = Object.fromEntries(pids.map((pid) => [pid, `boot/${pid}`]));
    await lockDataDir(disk, dir.root, processes(100, { 100: 'boot/1' }), log);
    const got = await Promise.allSettled(pids.map((pid) => lockDataDir(disk, dir.root, processes(pid, lives), log)));
    assert.equal(got.filter((outcome) => outcome.status === 'fulfilled').length, 1);
  }
});

test('on a disk without a free block a lock is taken, and taken over, and nothing else is left', async () => {
  await using dir = await directory();
  const full = faultyDisk(disk, {
    before: (operation) => {
      if (operation === 'write') throw diskFailure('ENOSPC');
    },
  });
  await lockDataDir(full, dir.root, processes(100, { 100: 'boot/1' }), log);
  await using _second = await lockDataDir(full, dir.root, processes(200, { 200: 'boot/2' }), log);
  assert.deepEqual(await readdir(dir.root), ['lock']);
});

test('wherever a starter died while it took over a lock, of two that come later only one has it', async () => {
  const lives = { 1: 'boot/1', 2: 'boot/2', 3: 'boot/3' };
  for (const diesBefore of steps)
    for (const firstStops of steps)
      for (const secondStops of steps) {
        const names = namesInMemory();
        await isLockedBy(100, { 100: 'boot/1' }, names);
        await isLockedBy(101, { 101: 'boot/1' }, dyingBefore(names, diesBefore));
        const first = stoppingBefore(names, firstStops);
        const second = stoppingBefore(names, secondStops);
        const one = isLockedBy(1, lives, first.disk);
        await first.stopped;
        const two = isLockedBy(2, lives, second.disk);
        await second.stopped;
        first.goOn();
        await one;
        second.goOn();
        const holders = [await one, await two, await isLockedBy(3, lives, names)].filter(Boolean).length;
        assert.equal(holders, 1, `death before step ${diesBefore}, stops before ${firstStops} and ${secondStops}`);
      }
});

test('what a lock says has room in the inode', () => {
  assert.ok(`${2 ** 22}/${systemProcesses.lifeOf(systemProcesses.ownPid)}`.length < 60);
});

test('this process has a life, which is not that of its parent; a process that does not run has none', () => {
  const own = systemProcesses.lifeOf(systemProcesses.ownPid);
  assert.ok(own);
  assert.notEqual(own, systemProcesses.lifeOf(process.ppid));
  assert.equal(systemProcesses.lifeOf(2 ** 22 + 1), undefined);
});

const steps = Array.from({ length: 14 }, (_, step) => step);

/** Whether process `pid` gets the lock. */
function isLockedBy(pid: number, lives: Record<number, string>, names: Disk): Promise<boolean> {
  const locked = lockDataDir(names, '/data', processes(pid, lives), log);
  return locked.then(
    () => true,
    () => false,
  );
}

/** A disk that does `before` before each operation. */
function eachStep(inner: Disk, before: () => void | Promise<void>): Disk {
  const wrapped = Object.entries(inner).map(([name, operation]) => [
    name,
    async (...given: unknown[]) => {
      await before();
      return (operation as (...given: unknown[]) => unknown)(...given);
    },
  ]);
  return Object.fromEntries(wrapped) as Disk;
}

function dyingBefore(inner: Disk, step: number): Disk {
  let done = 0;
  return eachStep(inner, () => {
    if (done++ >= step) throw diskFailure('EIO');
  });
}

/** A disk that stands still before one step, or, if there are not so many, stops nobody. */
function stoppingBefore(inner: Disk, step: number) {
  const stopped = Promise.withResolvers<void>();
  const resumed = Promise.withResolvers<void>();
  let done = 0;
  const stopping = eachStep(inner, () => {
    if (done++ !== step) return;
    stopped.resolve();
    return resumed.promise;
  });
  setImmediate(() => setImmediate(stopped.resolve));
  return { disk: stopping, stopped: stopped.promise, goOn: resumed.resolve };
}

/** A disk for names alone, in memory. */
function namesInMemory(): Disk {
  const texts = new Map<string, string>();
  const existing = (path: string) => {
    const text = texts.get(path);
    if (text === undefined) throw diskFailure('ENOENT');
    return text;
  };
  const names = {
    symlink: async (text: string, path: string) => {
      if (texts.has(path)) throw diskFailure('EEXIST');
      texts.set(path, text);
    },
    readlink: async (path: string) => existing(path),
    unlink: async (path: string) => {
      existing(path);
      texts.delete(path);
    },
    list: async () => [...texts.keys()].map((path) => basename(path)),
  };
  return names as unknown as Disk;
}
