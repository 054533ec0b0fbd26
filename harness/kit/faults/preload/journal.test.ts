/** The journal judged by itself: what it takes for flushed, a power cut leaves, and the store is believed. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { unflushedAfter } from '../cluster/unflushed.ts';
import { keepJournal } from './journal.ts';

let dir = '';
/** Flushes that have begun, by what ends them. */
const flushes: (() => void)[] = [];

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sextant-journal-'));
  await mkdir(join(dir, 'data/tmp'), { recursive: true });
  await mkdir(join(dir, 'data/chunks'));
  Reflect.set(fs, 'fsync', (_: number, done: (error: null) => void) => flushes.push(() => done(null)));
  keepJournal(join(dir, 'data'), join(dir, 'journal'));
});
after(() => rm(dir, { recursive: true }));

const chunk = (name: string) => join(dir, 'data/chunks', name);

async function rename(name: string): Promise<void> {
  const temporary = join(dir, 'data/tmp', name);
  await writeFile(temporary, 'flushed');
  await fs.promises.rename(temporary, chunk(name));
}

/** Begins a flush of the folder of chunks. Gives how it is ended. */
async function flushing(): Promise<() => Promise<void>> {
  const { promise: opened, resolve } = Promise.withResolvers<number>();
  fs.open(join(dir, 'data/chunks'), (_, fd) => resolve(fd));
  const fd = await opened;
  const { promise: flushed, resolve: done } = Promise.withResolvers<void>();
  fs.fsync(fd, () => done());
  const end = flushes.pop();
  return async () => {
    end?.();
    await flushed;
    fs.closeSync(fd);
  };
}

async function lostNames(): Promise<readonly string[]> {
  return unflushedAfter(await readFile(join(dir, 'journal'), 'utf8')).names;
}

test('a name is kept by a flush of its folder that began after it, and by no other', async () => {
  await rename('1');
  const flush = await flushing();
  await rename('2');
  assert.deepEqual(await lostNames(), [chunk('1'), chunk('2')]);
  await flush();
  assert.deepEqual(await lostNames(), [chunk('2')]);
  await (await flushing())();
  assert.deepEqual(await lostNames(), []);
});

test('a flush that ends late does not lose what a later one has kept', async () => {
  const early = await flushing();
  await rename('3');
  const late = await flushing();
  await late();
  await early();
  assert.deepEqual(await lostNames(), []);
});
