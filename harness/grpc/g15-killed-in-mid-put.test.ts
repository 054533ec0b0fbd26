/**
 * Kills a node with SIGKILL while it writes, then starts it again. A failure means that each crash costs space for
 * ever, or that a chunk which was never acknowledged can be read.
 */
import assert from 'node:assert/strict';
import { NodeClient } from '../kit/clients/node-client.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { chunkFiles, unfinishedFiles } from './node-files.ts';
import { drain, refusedWith } from './refused.ts';
import { MiB, SeededChunk } from './seeded-chunk.ts';
import { stalledPut } from './stalled-put.ts';

testCase(
  'G15',
  'a node that is killed in mid-put has nothing of it after its restart',
  { cluster: 'own' },
  async (ctx) => {
    const quotaBytes = 64 * MiB;
    await using node = await ownNode(ctx, { settings: { SEXTANT_NODE_QUOTA_BYTES: String(quotaBytes) } });
    using client = new NodeClient(node.address);
    const chunk = new SeededChunk(ctx, 'unfinished', 12 * MiB);
    const put = await stalledPut(client, node.dataDir, chunk);

    await node.kill('SIGKILL');
    await refusedWith('UNAVAILABLE', put.answer, 'the put');
    assert.equal((await unfinishedFiles(node.dataDir)).length, 1, 'the kill did not hit the node in mid-put');
    await node.start();

    assert.deepEqual([await unfinishedFiles(node.dataDir), await chunkFiles(node.dataDir)], [[], []]);
    await refusedWith('NOT_FOUND', drain(client.getChunk({ chunkId: chunk.chunkId })), 'GetChunk');
    assert.deepEqual(await Array.fromAsync(client.listChunks()), []);
    assert.equal((await client.healthCheck()).availableSpace, quotaBytes);
  },
);
