import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { chunkFileBytes, nodeFolder } from '../census/chunk-file.fixture.ts';
import { inspectChunkFile } from '../census/chunk-file.ts';
import { expectedRange } from '../seed/seeded-bytes.ts';
import { deleteChunkFile, flipBit, rot, truncateChunk } from './chunk-damage.ts';

const whole = chunkFileBytes('chunk-a', expectedRange('a', 0, 300_000));

describe('damage to a chunk file', () => {
  test('is one bit, in the region that was asked for, and the same one for the same seed', async () => {
    for (const region of ['header', 'block', 'footer'] as const) {
      const first = await damaged(flipBit, `seed-${region}`, { region });
      const again = await damaged(flipBit, `seed-${region}`, { region });
      assert.deepEqual(first.bytes, again.bytes);
      const flipped = [...first.bytes].map((byte, at) => byte ^ (whole[at] ?? 0)).filter((bits) => bits !== 0);
      assert.equal(flipped.length, 1, 'one byte differs');
      assert.equal(Math.log2(flipped[0] ?? 0) % 1, 0, 'by one bit');
      assert.equal(first.region, region);
      assert.match(first.told, new RegExp(`bit \\d of byte \\d+ in the ${region} of .*/chunk-a`));
    }
  });

  test('reaches every region by itself', async () => {
    const regions = new Set<string>();
    for (let n = 0; regions.size < 3 && n < 50; n++) regions.add((await damaged(flipBit, `seed-${n}`, {})).region);
    assert.deepEqual([...regions].sort(), ['block', 'footer', 'header']);
  });

  test('is one bit in the blocks of each of so many files', async () => {
    const names = ['chunk-a', 'chunk-b', 'chunk-c', 'chunk-d'];
    await using folder = await nodeFolder(
      Object.fromEntries(names.map((name) => [name, chunkFileBytes(name, expectedRange(name, 0, 9_000))])),
    );
    const fault = rot(folder.dataDir, 'seed', 50);
    await fault.start();
    const found = await Promise.all(names.map((name) => inspectChunkFile(folder.path(name), name)));
    const regions = found.map((one) => (one.state === 'damaged' ? one.region : 'none'));
    assert.deepEqual(regions.toSorted(), ['block', 'block', 'none', 'none']);
    assert.match(fault.describe(), /each of 2 chunk files/);
  });

  test('cuts a file short', async () => {
    const { bytes } = await damaged(truncateChunk, 'cut', {});
    assert.ok(bytes.length < whole.length);
    assert.deepEqual(bytes, whole.subarray(0, bytes.length));
  });

  test('takes away a file, only among those that were named', async () => {
    await using folder = await nodeFolder({ 'chunk-a': whole, 'chunk-b': whole });
    const fault = deleteChunkFile(folder.dataDir, 'seed', { among: new Set(['chunk-b']) });
    await fault.start();
    assert.deepEqual([existsSync(folder.path('chunk-a')), existsSync(folder.path('chunk-b'))], [true, false]);
    assert.equal(fault.chunkId, 'chunk-b');
  });
});

async function damaged<Options>(
  make: (dataDir: string, seed: string, options: Options) => ReturnType<typeof flipBit>,
  seed: string,
  options: Options,
): Promise<{ bytes: Buffer; region: string; told: string }> {
  await using folder = await nodeFolder({ 'chunk-a': whole });
  const fault = make(folder.dataDir, seed, options);
  await fault.start();
  const path = folder.path('chunk-a');
  const found = await inspectChunkFile(path, 'chunk-a');
  const told = fault.describe().replace(folder.dataDir, '');
  return { bytes: await readFile(path), region: found.state === 'damaged' ? found.region : 'none', told };
}
