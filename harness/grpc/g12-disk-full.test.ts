/**
 * Fills the disk of a node to the last byte. A failure means that a full disk leaves half chunks, takes the node
 * down, or that the node does not recover when there is room again.
 */
import assert from 'node:assert/strict';
import { statfs } from 'node:fs/promises';
import { NodeClient } from '../kit/clients/node-client.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { smallDisk } from '../kit/testing/small-disk.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { until } from '../kit/testing/until.ts';
import { chunkFiles, untilNothingUnfinished } from './node-files.ts';
import { drain, refusedWith } from './refused.ts';
import { MiB, SeededChunk } from './seeded-chunk.ts';

const diskBytes = 64 * MiB;
const writers = 6;

testCase(
  'G12',
  'a full disk is RESOURCE_EXHAUSTED, leaves no partial file, and the node serves on',
  { cluster: 'own' },
  async (ctx) => {
    const { kind, dataDir, settings } = await smallDisk(ctx, diskBytes);
    ctx.note('disk', kind);
    await using node = await ownNode(ctx, { dataDir, settings });
    using client = new NodeClient(node.address);
    const { pid } = node;
    const kept = new SeededChunk(ctx, 'kept', 8 * MiB);
    await kept.putTo(client);
    const freeBefore = await freeBytes(dataDir);

    // One alone, then several at once that have room for some of their bytes each.
    const tooLarge = new SeededChunk(ctx, 'too-large', diskBytes);
    assert.match(
      await refusedWith('RESOURCE_EXHAUSTED', tooLarge.putTo(client), 'a chunk of all the disk'),
      /full|quota/,
    );
    const together = Array.from({ length: writers }, (_, index) => new SeededChunk(ctx, `beside-${index}`, 24 * MiB));
    const outcomes = await Promise.allSettled(together.map((chunk) => chunk.putTo(client)));
    const stored = together.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') await refusedWith('RESOURCE_EXHAUSTED', Promise.reject(outcome.reason));
    }
    assert.ok(stored.length <= 2, `${stored.length} chunks of 24 MiB found room on ${diskBytes} bytes`);

    await untilNothingUnfinished(dataDir);
    assert.equal((await chunkFiles(dataDir)).length, 1 + stored.length);
    const refused = together.filter((chunk) => !stored.includes(chunk));
    for (const { chunkId } of [tooLarge, ...refused]) {
      await refusedWith('NOT_FOUND', drain(client.getChunk({ chunkId })), `GetChunk of ${chunkId}`);
    }
    for (const chunk of [kept, ...stored]) assert.equal((await chunk.readFrom(client)).message, 'whole');

    for (const { chunkId } of stored) await client.deleteChunk(chunkId);
    const isFreeAgain = async () => (await freeBytes(dataDir)) >= freeBefore - MiB;
    await until({ what: 'the space of refused chunks to be free again', withinMs: 5_000 }, isFreeAgain);
    const afterwards = new SeededChunk(ctx, 'afterwards', 24 * MiB);
    await afterwards.putTo(client);
    assert.equal((await afterwards.readFrom(client)).message, 'whole');
    assert.equal((await client.healthCheck()).status, 'healthy');
    assert.equal(node.pid, pid, 'the node was restarted');
  },
);

testCase(
  'G12b',
  'a node comes up on a disk that is full, and its chunks can be read',
  { cluster: 'own' },
  async (ctx) => {
    const { kind, dataDir, settings } = await smallDisk(ctx, diskBytes);
    ctx.note('disk', kind);
    await using node = await ownNode(ctx, { dataDir, settings });
    using client = new NodeClient(node.address);
    const stored = await storeUntilFull(client);
    await node.kill('SIGKILL');
    await node.start();
    const [first] = stored;
    assert.equal((await first?.readFrom(client))?.message, 'whole');
    await refusedWith('RESOURCE_EXHAUSTED', new SeededChunk(ctx, 'more', 8 * MiB).putTo(client), 'one more chunk');
    for (const { chunkId } of stored) await client.deleteChunk(chunkId);
    await new SeededChunk(ctx, 'more', 8 * MiB).putTo(client);

    async function storeUntilFull(into: NodeClient): Promise<SeededChunk[]> {
      const done: SeededChunk[] = [];
      for (const sizeBytes of [8 * MiB, 512 * 1024, 16 * 1024, 1]) {
        const fill = async (): Promise<never> => {
          const chunk = new SeededChunk(ctx, `fill-${sizeBytes}-${done.length}`, sizeBytes);
          await chunk.putTo(into);
          done.push(chunk);
          return fill();
        };
        await refusedWith('RESOURCE_EXHAUSTED', fill(), `filling with ${sizeBytes} bytes`);
      }
      return done;
    }
  },
);

async function freeBytes(dataDir: string): Promise<number> {
  const { bfree, bsize } = await statfs(dataDir);
  return bfree * bsize;
}
