import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32c } from '@node-rs/crc32';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { BLOCK_BYTES, chunkFileBytes, HEADER_BYTES } from './chunk-format.ts';
import { parseChunkId, shardOf } from './chunk-id.ts';
import { diskFailure, faultyDisk } from './faulty-disk.fixture.ts';
import { getBytes, putBytes, type TestStore, testStore } from './store.fixture.ts';
import { systemDisk } from './system-disk.ts';

const pathOf = ({ dir }: TestStore, id: string) => join(dir.chunks, shardOf(parseChunkId(id)), id);

test('every single flipped bit of a small chunk file is damage, never other bytes', async () => {
  await using node = await testStore();
  const data = randomBytes(100);
  await putBytes(node.store, 'flipped', data);
  const path = pathOf(node, 'flipped');
  const intact = await readFile(path);
  assert.equal(intact.length, chunkFileBytes(100));
  // Each bit of header and footer on its own is the business of chunk-format.test.ts; here each bit of the data, and a
  // sweep over all the rest, go through the whole reader.
  const bits = Array.from({ length: intact.length * 8 }, (_, bit) => bit);
  const swept = bits.filter((bit) => (bit >= 4096 * 8 && bit < (4096 + 110) * 8) || bit % 257 === 0);
  for (const bit of swept) {
    const damaged = Buffer.from(intact);
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    await writeFile(path, damaged);
    await assert.rejects(getBytes(node.store, 'flipped'), { code: 'ChunkDamaged' }, `bit ${bit}`);
  }
});

test('a flipped byte in any block of a large chunk is damage before any byte of that block is given out', async () => {
  await using node = await testStore({ io: 'direct' });
  const data = randomBytes(9 * BLOCK_BYTES + 17);
  await putBytes(node.store, 'large', data);
  const path = pathOf(node, 'large');
  const intact = await readFile(path);
  for (const block of [0, 3, 4, 8, 9]) {
    const damaged = Buffer.from(intact);
    const at = 4096 + block * BLOCK_BYTES + 16;
    damaged[at] = (damaged[at] as number) ^ 0x10;
    await writeFile(path, damaged);
    await assert.rejects(getBytes(node.store, 'large'), { code: 'ChunkDamaged' });
    await assert.rejects(node.store.verify(parseChunkId('large')), { code: 'ChunkDamaged' });
    const before = await getBytes(node.store, 'large', 0, block * BLOCK_BYTES);
    assert.ok(before.equals(data.subarray(0, block * BLOCK_BYTES)));
  }
});

test('a file that was cut short anywhere is damage', async () => {
  await using node = await testStore();
  await putBytes(node.store, 'cut', randomBytes(20_000));
  const path = pathOf(node, 'cut');
  const intact = await readFile(path);
  for (let bytes = 0; bytes < intact.length; bytes += 1021) {
    await writeFile(path, intact);
    await truncate(path, bytes);
    await assert.rejects(getBytes(node.store, 'cut'), { code: 'ChunkDamaged' }, `${bytes} bytes`);
  }
});

test('the file of another chunk under the wrong name is damage', async () => {
  await using node = await testStore();
  await putBytes(node.store, 'one', randomBytes(100));
  await putBytes(node.store, 'two', randomBytes(100));
  await writeFile(pathOf(node, 'two'), await readFile(pathOf(node, 'one')));
  await assert.rejects(getBytes(node.store, 'two'), { code: 'ChunkDamaged' });
});

test('a file whose header and footer are of different files is damage', async () => {
  const clock = new VirtualClock();
  await using first = await testStore({ clock });
  await using second = await testStore({ clock });
  const data = randomBytes(100);
  await putBytes(first.store, 'mixed', data);
  clock.advance(1);
  await putBytes(second.store, 'mixed', data);
  const [one, other] = [await readFile(pathOf(first, 'mixed')), await readFile(pathOf(second, 'mixed'))];
  await writeFile(pathOf(first, 'mixed'), Buffer.concat([one.subarray(0, 4096), other.subarray(4096)]));
  await assert.rejects(getBytes(first.store, 'mixed'), { code: 'ChunkDamaged' });
});

for (const code of ['EIO', 'ENODATA', 'EILSEQ']) {
  test(`a sector that cannot be read is damage, and healed by a put (${code})`, async () => {
    let failing = false;
    const before = (operation: string) => {
      if (failing && operation === 'read') throw diskFailure(code);
    };
    await using node = await testStore({ disk: faultyDisk(systemDisk, { before }) });
    const data = randomBytes(100);
    await putBytes(node.store, 'sector', data);
    failing = true;
    await assert.rejects(getBytes(node.store, 'sector'), { code: 'ChunkDamaged' });
    assert.equal((await putBytes(node.store, 'sector', data)).alreadyStored, false);
  });
}

for (const [errno, what] of [
  [-117, 'inode'],
  [-74, 'checksum of the filesystem'],
] as const) {
  for (const broken of ['open', 'read']) {
    test(`a bad ${what} (${errno}), for which Node has no name, is damage when it shows in ${broken}`, async () => {
      let failing = false;
      const before = (operation: string) => {
        if (failing && operation === broken)
          throw Object.assign(diskFailure(`Unknown system error ${errno}`), { errno });
      };
      await using node = await testStore({ disk: faultyDisk(systemDisk, { before }) });
      await putBytes(node.store, 'corrupt', randomBytes(100));
      failing = true;
      await assert.rejects(getBytes(node.store, 'corrupt'), { code: 'ChunkDamaged' });
    });
  }
}

test('one chunk whose inode cannot be read keeps the node neither from starting nor from listing the others', async () => {
  await using node = await testStore();
  for (const id of ['corrupt', 'intact']) await putBytes(node.store, id, randomBytes(100));
  const before = (operation: string, path: string) => {
    if (operation === 'stat' && path.endsWith('corrupt')) throw diskFailure('EIO');
  };
  const disk = faultyDisk(systemDisk, { before });
  await using again = await testStore({ disk, root: node.dir.root });
  assert.equal((await again.store.space()).chunkCount, 1);
  const listed = await Array.fromAsync(again.store.list('', 10));
  assert.deepEqual(
    listed.map(({ chunkId }) => chunkId),
    ['intact'],
  );
});

test('a file of a later version is not damage, whatever follows its header, and no put replaces it', async () => {
  await using node = await testStore();
  await putBytes(node.store, 'later', randomBytes(10));
  const file = await readFile(pathOf(node, 'later'));
  const header = file.subarray(0, HEADER_BYTES);
  header.writeUInt32LE(2, 8);
  header.writeUInt32LE(crc32c(header.subarray(0, -4)), header.length - 4);
  const later = Buffer.concat([header, randomBytes(8192)]);
  await writeFile(pathOf(node, 'later'), later);
  await assert.rejects(getBytes(node.store, 'later'), { code: 'UnknownFormat' });
  await assert.rejects(putBytes(node.store, 'later', randomBytes(10)), { code: 'UnknownFormat' });
  assert.ok(later.equals(await readFile(pathOf(node, 'later'))));
});

test('a put heals a damaged chunk', async () => {
  await using node = await testStore();
  const data = randomBytes(300_000);
  await putBytes(node.store, 'heal', data);
  await truncate(pathOf(node, 'heal'), 5000);
  assert.equal((await putBytes(node.store, 'heal', data)).alreadyStored, false);
  assert.ok(data.equals(await getBytes(node.store, 'heal')));
  assert.equal(node.ledger.chunkCount, 1);
});
