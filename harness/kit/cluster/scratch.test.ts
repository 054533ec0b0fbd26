/** The sweep of scratch folders must take those of dead harnesses, and none of a harness that works beside this one. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startMark } from './process-facts.ts';
import { sweepScratch } from './scratch.ts';

/** A repository with one scratch folder, whose record names a process with this mark; null: it has none. */
async function withScratch(mark: number | null) {
  const repository = await mkdtemp(join(tmpdir(), 'sextant-scratch-'));
  const dir = join(repository, '.sextant/scratch/cluster-1');
  await mkdir(dir, { recursive: true });
  const harness = { name: 'harness', pid: process.pid, mark };
  if (mark !== null) await writeFile(join(dir, 'processes.json'), JSON.stringify([harness]));
  return { repository, dir, [Symbol.asyncDispose]: () => rm(repository, { recursive: true, force: true }) };
}

describe('the sweep of scratch folders', () => {
  test('takes that of a dead harness and spares that of a living one', async () => {
    await using dead = await withScratch(1);
    await using living = await withScratch(startMark(process.pid));
    assert.deepEqual(await sweepScratch(dead.repository), [dead.dir]);
    assert.deepEqual(await sweepScratch(living.repository), []);
    assert.deepEqual([existsSync(dead.dir), existsSync(living.dir)], [false, true]);
  });

  test('spares a folder that another harness has just made and not recorded yet, and takes it when that died so', async () => {
    await using folder = await withScratch(null);
    assert.deepEqual(await sweepScratch(folder.repository), []);
    await utimes(folder.dir, new Date(0), new Date(0));
    assert.deepEqual(await sweepScratch(folder.repository), [folder.dir]);
  });
});
