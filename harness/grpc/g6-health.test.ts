/**
 * Compares what a node says of its space with what the filesystem says, and with a quota. A failure means that
 * placement fills a node that is full, or spares one that is empty.
 */
import assert from 'node:assert/strict';
import { statfs } from 'node:fs/promises';
import { NodeClient } from '../kit/clients/node-client.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { oneAndSix, onOneAndOnSix } from './nodes-under-test.ts';
import { refusedWith } from './refused.ts';
import { KiB, MiB, SeededChunk } from './seeded-chunk.ts';

/** What others may write to the same disk between two looks at it. */
const slackBytes = 1024 * MiB;
/** What a chunk file may take beside the chunk's own bytes. */
const envelopeBytesMax = 64 * KiB;

testCase('G6', 'HealthCheck agrees with the disk, on every node', oneAndSix, async (ctx) => {
  await onOneAndOnSix(ctx, async ({ client, dataDir, serverId }) => {
    const disk = await statfs(dataDir);
    const health = await client.healthCheck();
    assert.equal(health.status, 'healthy');
    assert.equal(health.serverId, serverId);
    assert.equal(health.totalSpace, disk.blocks * disk.bsize);
    near(health.availableSpace, disk.bavail * disk.bsize, 'available_space');
    near(health.usedSpace, (disk.blocks - disk.bfree) * disk.bsize, 'used_space');
  });
});

testCase(
  'G6b',
  'with a quota HealthCheck counts what is stored, and says when it is full',
  { cluster: 'own' },
  async (ctx) => {
    const quotaBytes = 10 * MiB;
    await using node = await ownNode(ctx, { settings: { SEXTANT_NODE_QUOTA_BYTES: String(quotaBytes) } });
    using client = new NodeClient(node.address);
    const empty = await client.healthCheck();
    assert.deepEqual(
      [empty.status, empty.totalSpace, empty.usedSpace, empty.availableSpace, empty.chunkCount],
      ['healthy', quotaBytes, 0, quotaBytes, 0],
    );

    const chunk = new SeededChunk(ctx, 'most', 9 * MiB);
    await chunk.putTo(client);
    const filled = await client.healthCheck();
    assert.equal(filled.chunkCount, 1);
    assert.ok(filled.usedSpace >= chunk.sizeBytes && filled.usedSpace <= chunk.sizeBytes + envelopeBytesMax);
    assert.equal(filled.usedSpace + filled.availableSpace, quotaBytes);

    await refusedWith(
      'RESOURCE_EXHAUSTED',
      new SeededChunk(ctx, 'too-much', 2 * MiB).putTo(client),
      'a chunk too much',
    );
    await fill(client);
    assert.equal((await client.healthCheck()).status, 'full');

    await client.deleteChunk(chunk.chunkId);
    assert.equal((await client.healthCheck()).status, 'healthy');

    async function fill(into: NodeClient): Promise<void> {
      for (let index = 0; (await into.healthCheck()).availableSpace >= 64 * KiB; index++) {
        await new SeededChunk(ctx, `filler-${index}`, 48 * KiB).putTo(into);
      }
      const last = async (index: number): Promise<void> => {
        await new SeededChunk(ctx, `last-${index}`, 1).putTo(into);
        return last(index + 1);
      };
      await refusedWith('RESOURCE_EXHAUSTED', last(0), 'the smallest chunk of all');
    }
  },
);

function near(found: number, expected: number, what: string): void {
  const difference = Math.abs(found - expected);
  assert.ok(difference <= slackBytes, `${what} is ${found}, and the disk says ${expected}`);
}
