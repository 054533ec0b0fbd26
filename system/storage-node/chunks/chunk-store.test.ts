import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { noFailpoints } from '../../common/failpoint.ts';
import { ChunkError } from './chunk-error.ts';
import { BLOCK_BYTES, chunkFileBytes } from './chunk-format.ts';
import { parseChunkId, shardOf } from './chunk-id.ts';
import { sweepUnfinished } from './data-dir.ts';
import { diskFailure, type Faults, faultyDisk } from './faulty-disk.fixture.ts';
import { readSpan } from './read-span.ts';
import { filesIn, getBytes, putBytes, type TestStore, testStore } from './store.fixture.ts';
import { systemDisk } from './system-disk.ts';

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
const pathOf = ({ dir }: TestStore, id: string) => join(dir.chunks, shardOf(parseChunkId(id)), id);

for (const io of ['buffered', 'direct'] as const) {
  test(`any range of any chunk is what was stored, however it came in (${io})`, async () => {
    await using node = await testStore({ io });
    let chunk = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.nat(20_000), fc.integer({ min: 5 * BLOCK_BYTES - 5, max: 5 * BLOCK_BYTES + 5 }), fc.nat(3_000_000)),
        fc.integer({ min: 1000, max: 1_500_000 }),
        fc.nat(),
        fc.nat(),
        async (bytes, pieceBytes, a, b) => {
          const data = randomBytes(bytes);
          const id = `range-${chunk++}`;
          const stored = await putBytes(node.store, id, data, { pieceBytes });
          assert.deepEqual(stored, { sizeBytes: bytes, sha256: sha256(data), alreadyStored: false });
          const [from, to] = [a % (bytes + 1), b % (bytes + 1)].sort((x, y) => x - y) as [number, number];
          assert.ok(data.equals(await getBytes(node.store, id)));
          assert.ok(data.subarray(from, to).equals(await getBytes(node.store, id, from, to)));
          assert.equal((await node.store.verify(parseChunkId(id))).sizeBytes, bytes);
        },
      ),
      { numRuns: 15 },
    );
  });
}

test('an unknown chunk is not found, by any call', async () => {
  await using node = await testStore();
  const id = parseChunkId('nothing');
  await assert.rejects(getBytes(node.store, id), { code: 'ChunkNotFound' });
  await assert.rejects(node.store.delete(id), { code: 'ChunkNotFound' });
  await assert.rejects(node.store.verify(id), { code: 'ChunkNotFound' });
});

test('a chunk of no bytes is a chunk', async () => {
  await using node = await testStore();
  await putBytes(node.store, 'empty', Buffer.alloc(0));
  assert.equal((await getBytes(node.store, 'empty')).length, 0);
  assert.equal(node.ledger.storedBytes, 8192);
});

test('the same bytes again succeed, other bytes are refused, and the old ones stay', async () => {
  await using node = await testStore();
  const data = randomBytes(300_000);
  await putBytes(node.store, 'twice', data);
  assert.equal((await putBytes(node.store, 'twice', data)).alreadyStored, true);
  await assert.rejects(putBytes(node.store, 'twice', randomBytes(300_000)), { code: 'ChunkExists' });
  assert.ok(data.equals(await getBytes(node.store, 'twice')));
  assert.deepEqual(await filesIn(node), { chunks: ['twice'], tmp: [] });
  assert.equal(node.ledger.chunkCount, 1);
});

test('bytes that were there before are acknowledged only once their name would survive a power cut', async () => {
  const failing = new Set(['syncDirectory', 'unlink']);
  const before = (operation: string) => {
    if (failing.has(operation)) throw diskFailure('EIO');
  };
  await using node = await testStore({ disk: faultyDisk(systemDisk, { before }) });
  const data = randomBytes(5000);
  // The first put can neither flush the name of the chunk nor take it back.
  for (let attempt = 0; attempt < 2; attempt++) {
    await assert.rejects(putBytes(node.store, 'unflushed', data), { code: 'DiskFailed' });
    assert.ok(data.equals(await getBytes(node.store, 'unflushed')));
  }
  failing.clear();
  assert.equal((await putBytes(node.store, 'unflushed', data)).alreadyStored, true);
});

test('ids that differ only in case are different chunks', async () => {
  await using node = await testStore();
  const [lower, upper] = [randomBytes(10), randomBytes(10)];
  await putBytes(node.store, 'abc', lower);
  await putBytes(node.store, 'ABC', upper);
  assert.ok(lower.equals(await getBytes(node.store, 'abc')));
  assert.ok(upper.equals(await getBytes(node.store, 'ABC')));
});

test('of puts of one id at once with different bytes exactly one wins, and what is stored is the winner', async () => {
  await using node = await testStore();
  const rivals = Array.from({ length: 8 }, () => randomBytes(200_000));
  const outcomes = await Promise.allSettled(rivals.map((data) => putBytes(node.store, 'race', data)));
  const winners = rivals.filter((_, rival) => outcomes[rival]?.status === 'fulfilled');
  assert.equal(winners.length, 1);
  assert.ok(winners[0]?.equals(await getBytes(node.store, 'race')));
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') assert.equal((outcome.reason as ChunkError).code, 'ChunkExists');
  }
  assert.deepEqual(await filesIn(node), { chunks: ['race'], tmp: [] });
});

test('a put that is given up, refused by its check, or whose client is gone leaves nothing', async () => {
  await using node = await testStore();
  {
    await using put = await node.store.startPut(parseChunkId('given-up'));
    await put.append(randomBytes(3_000_000));
    assert.equal((await filesIn(node)).tmp.length, 1);
  }
  const refused = () => {
    throw new ChunkError('CorruptedInTransit', 'no');
  };
  await assert.rejects(putBytes(node.store, 'refused', randomBytes(10), { check: refused }), { message: 'no' });
  const gone = AbortSignal.abort(new Error('gone'));
  await assert.rejects(putBytes(node.store, 'gone', randomBytes(10), { signal: gone }), { message: 'gone' });
  assert.deepEqual(await filesIn(node), { chunks: [], tmp: [] });
  assert.deepEqual([node.ledger.storedBytes, node.ledger.unfinishedBytes], [0, 0]);
  assert.equal(node.writeSlabs.freeBytes, 4 * 1024 * 1024);
});

for (const [code, expected] of [
  ['ENOSPC', 'NoSpace'],
  ['EDQUOT', 'NoSpace'],
  ['EFBIG', 'NoSpace'],
  ['EIO', 'DiskFailed'],
  ['EROFS', 'DiskFailed'],
] as const) {
  test(`a disk that fails with ${code} at any step of a put is ${expected}, leaves nothing, and the store goes on`, async () => {
    for (const step of ['create', 'write', 'sync', 'rename', 'syncDirectory'] as const) {
      let failing = true;
      const before = (operation: string) => {
        if (failing && operation === step) throw diskFailure(code);
      };
      await using node = await testStore({ disk: faultyDisk(systemDisk, { before }) });
      const data = randomBytes(2_500_000);
      await assert.rejects(putBytes(node.store, 'full', data), { name: 'ChunkError', code: expected }, step);
      assert.deepEqual(await filesIn(node), { chunks: [], tmp: [] }, step);
      assert.deepEqual([node.ledger.storedBytes, node.ledger.unfinishedBytes], [0, 0]);
      if (step === 'create') assert.equal(node.store.isReadOnly, code === 'EROFS');
      failing = false;
      await putBytes(node.store, 'full', data);
      assert.ok(data.equals(await getBytes(node.store, 'full')));
      assert.equal(node.store.isReadOnly, false);
    }
  });
}

test('writes that the disk cuts short, in the middle of a page too, lose no byte', async () => {
  let cut = 0;
  const writes = (bytes: number) => (cut++ % 3 === 0 && bytes > 8192 ? 8192 + 100 : bytes);
  await using node = await testStore({ disk: faultyDisk(systemDisk, { writes }) });
  const data = randomBytes(2_000_000);
  await putBytes(node.store, 'short', data);
  assert.ok(data.equals(await getBytes(node.store, 'short')));
});

test('a disk that takes less than a page is full', async () => {
  await using node = await testStore({ disk: faultyDisk(systemDisk, { writes: () => 100 }) });
  await assert.rejects(putBytes(node.store, 'less', randomBytes(100_000)), { code: 'NoSpace' });
});

test('puts side by side cannot exceed the quota together, and what fits is stored', async () => {
  const fileBytes = chunkFileBytes(300_000);
  await using node = await testStore({ quotaBytes: 3 * fileBytes });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 8 }, (_, put) => putBytes(node.store, `quota-${put}`, randomBytes(300_000))),
  );
  const stored = outcomes.filter((outcome) => outcome.status === 'fulfilled').length;
  assert.ok(stored <= 3);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') assert.equal((outcome.reason as ChunkError).code, 'NoSpace');
  }
  for (let put = 0; put < 3 - stored; put++) await putBytes(node.store, `later-${put}`, randomBytes(300_000));
  assert.equal((await node.store.space()).availableBytes, 0);
  await assert.rejects(putBytes(node.store, 'over', Buffer.alloc(0)), { code: 'NoSpace' });
  assert.equal((await filesIn(node)).chunks.length, 3);
  await node.store.delete(parseChunkId((await filesIn(node)).chunks[0] as string));
  assert.equal((await node.store.space()).availableBytes, fileBytes);
});

test('a chunk that has its place counts once, also while its client is being answered', async () => {
  const fileBytes = chunkFileBytes(300_000);
  await using node = await testStore({ quotaBytes: 2 * fileBytes });
  await using put = await node.store.startPut(parseChunkId('answering'));
  await put.append(randomBytes(300_000));
  await node.store.commit(put, () => {}, new AbortController().signal);
  assert.equal((await node.store.space()).availableBytes, fileBytes);
  await putBytes(node.store, 'next', randomBytes(300_000));
});

test('a chunk that can neither be flushed nor be taken back counts until it is deleted', async () => {
  let failing = true;
  const before = (operation: string) => {
    if (failing && (operation === 'syncDirectory' || operation === 'unlink')) throw diskFailure('EIO');
  };
  await using node = await testStore({ disk: faultyDisk(systemDisk, { before }) });
  await assert.rejects(putBytes(node.store, 'stuck', randomBytes(100_000)), { code: 'DiskFailed' });
  assert.deepEqual((await filesIn(node)).chunks, ['stuck']);
  assert.deepEqual([node.ledger.chunkCount, node.ledger.storedBytes], [1, chunkFileBytes(100_000)]);
  failing = false;
  await node.store.delete(parseChunkId('stuck'));
  assert.deepEqual([node.ledger.chunkCount, node.ledger.storedBytes], [0, 0]);
});

test('a delete during a read does not tear it', async () => {
  await using node = await testStore();
  const data = randomBytes(10 * BLOCK_BYTES);
  await putBytes(node.store, 'torn', data);
  const reading = getBytes(node.store, 'torn');
  using lease = node.store.admitReader();
  await using reader = await node.store.read(parseChunkId('torn'), lease);
  await node.store.delete(parseChunkId('torn'));
  using slab = lease.takeFirst();
  await reader.readBlocks(9, 1, slab.buffer.subarray(4096));
  assert.ok(data.subarray(9 * BLOCK_BYTES).equals(slab.buffer.subarray(4096, 4096 + BLOCK_BYTES)));
  const outcome = await reading.catch((error: ChunkError) => error.code);
  assert.ok(outcome === 'ChunkNotFound' || data.equals(outcome as Buffer));
  await assert.rejects(getBytes(node.store, 'torn'), { code: 'ChunkNotFound' });
});

test('a reader that is given up keeps its memory until the disk has done with it', async () => {
  const gate = Promise.withResolvers<void>();
  let reads = 0;
  // The second read of blocks is the one ahead: it begins while the first window is in use.
  const before = async (operation: string) => {
    if (operation === 'read' && ++reads === 2) await gate.promise;
  };
  const faults: Faults = {};
  await using node = await testStore({ disk: faultyDisk(systemDisk, faults) });
  await putBytes(node.store, 'slow', randomBytes(9 * BLOCK_BYTES));
  const free = node.readSlabs.freeBytes;
  using lease = node.store.admitReader();
  await using reader = await node.store.read(parseChunkId('slow'), lease);
  faults.before = before;
  const windows = readSpan(reader, { from: 0, to: reader.sizeBytes }, lease);
  await windows.next();
  const givenUp = windows.return(undefined);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(reads, 2);
  assert.ok(node.readSlabs.freeBytes < free);
  gate.resolve();
  await givenUp;
  assert.equal(node.readSlabs.freeBytes, free);
});

test('a store that is opened again counts what is there, and knows its chunks', async () => {
  await using first = await testStore();
  const data = randomBytes(5000);
  for (let chunk = 0; chunk < 40; chunk++) await putBytes(first.store, `again-${chunk}`, data);
  await using second = await testStore({ root: first.dir.root });
  assert.deepEqual([second.ledger.chunkCount, second.ledger.storedBytes], [40, first.ledger.storedBytes]);
  assert.ok(data.equals(await getBytes(second.store, 'again-7')));
});

test('a name that a crash left unflushed would survive a power cut once the node has started again', async () => {
  await using crashed = await testStore();
  await putBytes(crashed.store, 'renamed', randomBytes(10));
  const flushed = new Set<string>();
  const before = (operation: string, path: string) => {
    if (operation === 'syncDirectory') flushed.add(path);
  };
  await using _restarted = await testStore({ disk: faultyDisk(systemDisk, { before }), root: crashed.dir.root });
  assert.ok(flushed.has(dirname(pathOf(crashed, 'renamed'))));
});

test('the sweep removes what a crash left unfinished', async () => {
  await using node = await testStore();
  for (const name of ['a.part', 'b.part', 'c.probe']) await writeFile(join(node.dir.tmp, name), 'unfinished');
  assert.equal(await sweepUnfinished(systemDisk, node.dir, noFailpoints), 3);
  assert.deepEqual(await readdir(node.dir.tmp), []);
});

test('one put more than there is memory for is refused at once, and admitted when another has ended', async () => {
  await using node = await testStore({ writersMax: 2 });
  await using _first = await node.store.startPut(parseChunkId('first'));
  {
    await using _second = await node.store.startPut(parseChunkId('second'));
    await assert.rejects(node.store.startPut(parseChunkId('third')), { code: 'TooBusy' });
  }
  await using _third = await node.store.startPut(parseChunkId('third'));
});

test('ids are 1 to 200 letters, digits, - and _', () => {
  for (const id of ['a', 'A-b_9', 'x'.repeat(200)]) assert.equal(parseChunkId(id), id);
  for (const id of ['', 'x'.repeat(201), '../etc', 'a/b', 'a.b', 'ä', 'a b', 'a\n', '\0']) {
    assert.throws(() => parseChunkId(id), { code: 'InvalidRequest' }, id);
  }
});
