/** Deletes a chunk and looks for what is left of it. A failure means that deleting frees no space, or not for good. */
import assert from 'node:assert/strict';
import { testCase } from '../kit/testing/test-case.ts';
import { chunkFile } from './node-files.ts';
import { oneAndSix, onOneAndOnSix } from './nodes-under-test.ts';
import { drain, refusedWith } from './refused.ts';
import { MiB, SeededChunk } from './seeded-chunk.ts';

testCase('G5', 'a deleted chunk is NOT_FOUND, and its file is gone', oneAndSix, async (ctx) => {
  const chunk = new SeededChunk(ctx, 'deleted', 3 * MiB + 1);
  await onOneAndOnSix(ctx, async ({ client, dataDir }) => {
    await chunk.putTo(client);
    assert.ok(await chunkFile(dataDir, chunk.chunkId));
    const { success, errorMessage } = await client.deleteChunk(chunk.chunkId);
    assert.deepEqual([success, errorMessage], [true, '']);
    assert.equal(await chunkFile(dataDir, chunk.chunkId), undefined);
    await refusedWith('NOT_FOUND', drain(client.getChunk({ chunkId: chunk.chunkId })), 'GetChunk');
    await refusedWith('NOT_FOUND', client.deleteChunk(chunk.chunkId), 'a second DeleteChunk');
  });
});

testCase('G5b', 'an id can be used again after its chunk was deleted', oneAndSix, async (ctx) => {
  const [first, second] = [new SeededChunk(ctx, 'again', MiB), new SeededChunk(ctx, 'again', 2 * MiB)];
  await onOneAndOnSix(ctx, async ({ client }) => {
    await first.putTo(client);
    await client.deleteChunk(first.chunkId);
    assert.equal((await second.putTo(client)).alreadyStored, false);
    assert.equal((await second.readFrom(client)).message, 'whole');
    await client.deleteChunk(second.chunkId);
  });
});
