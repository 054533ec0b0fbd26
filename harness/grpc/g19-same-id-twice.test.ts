/**
 * Stores under an id that is taken. A failure means that repeating a put whose answer was lost fails for nothing, or
 * that one client can replace the bytes of another.
 */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { NodeClient } from '../kit/clients/node-client.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { chunkFile, untilNothingUnfinished } from './node-files.ts';
import { oneAndSix, onOneAndOnSix } from './nodes-under-test.ts';
import { refusedWith } from './refused.ts';
import { MiB, SeededChunk } from './seeded-chunk.ts';

testCase(
  'G19',
  'the same bytes under the same id succeed again; other bytes are ALREADY_EXISTS',
  oneAndSix,
  async (ctx) => {
    const chunk = new SeededChunk(ctx, 'twice', MiB + 3);
    await onOneAndOnSix(ctx, async ({ client, dataDir }) => {
      assert.equal((await chunk.putTo(client)).alreadyStored, false);
      const path = (await chunkFile(dataDir, chunk.chunkId)) ?? '';
      const before = await stat(path);

      const again = await chunk.putTo(client);
      assert.deepEqual([again.success, again.alreadyStored, again.size], [true, true, chunk.sizeBytes]);
      assert.equal(again.checksum, chunk.sha256());
      assert.equal((await stat(path)).ino, before.ino, 'the stored file was replaced for nothing');

      for (const other of [Buffer.from('other bytes'), Buffer.alloc(0), Buffer.alloc(chunk.sizeBytes)]) {
        const put = client.putMessages([{ chunkId: chunk.chunkId, data: other }]);
        await refusedWith('ALREADY_EXISTS', put, `${other.length} other bytes`);
      }
      assert.equal((await chunk.readFrom(client)).message, 'whole');
    });
  },
);

testCase(
  'G19b',
  'of ten clients that store different bytes under one id at once, one wins',
  { cluster: 'own' },
  async (ctx) => {
    await using node = await ownNode(ctx);
    using client = new NodeClient(node.address);
    const chunkId = 'wanted-by-all';
    const contents = Array.from({ length: 10 }, (_, index) => new SeededChunk(ctx, `content-${index}`, MiB + index));
    const outcomes = await Promise.allSettled(contents.map((one) => client.putChunk({ chunkId, data: one.data() })));
    const winners = contents.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    assert.equal(winners.length, 1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') await refusedWith('ALREADY_EXISTS', Promise.reject(outcome.reason));
    }
    assert.equal((await winners[0]?.compare(client.getChunk({ chunkId })))?.message, 'whole');
    await untilNothingUnfinished(node.dataDir);
  },
);
