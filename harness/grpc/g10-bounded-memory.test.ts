/**
 * One of the six chunks of the largest file goes in and out. A failure means that a node's memory grows with the size
 * of what it stores.
 */
import assert from 'node:assert/strict';
import { NodeClient } from '../kit/clients/node-client.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { MiB, SeededChunk } from './seeded-chunk.ts';

const sizeBytes = 1_670_000_000;
const rssBytesMax = 256 * MiB;

testCase(
  'G10',
  'a chunk of 1.67 GB is written and read in less than 256 MiB of memory',
  { cluster: 'own', tags: ['slow', 'large'], timeoutMs: 300_000 },
  async (ctx) => {
    await using node = await ownNode(ctx);
    using client = new NodeClient(node.address);
    const chunk = new SeededChunk(ctx, 'largest', sizeBytes);
    const answer = await chunk.putTo(client);
    assert.deepEqual([answer.size, answer.checksum], [sizeBytes, chunk.sha256()]);
    const afterWriteBytes = node.peakRssBytes();
    assert.equal((await chunk.readFrom(client)).message, 'whole');
    const peakBytes = node.peakRssBytes();
    ctx.note('peak RSS after the write, MiB', inMib(afterWriteBytes));
    ctx.note('peak RSS, MiB', inMib(peakBytes));
    assert.ok(peakBytes === null || peakBytes < rssBytesMax, `the node had ${inMib(peakBytes)} MiB in memory`);
  },
);

function inMib(bytes: number | null): number | string {
  return bytes === null ? 'not told by this machine' : Math.round(bytes / MiB);
}
