/**
 * Many readers stop taking bytes in the middle of large chunks. A failure means that slow clients fill a node's
 * memory, or that they hold up everybody else.
 */
import assert from 'node:assert/strict';
import { NodeClient } from '../kit/clients/node-client.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { MiB, SeededChunk } from './seeded-chunk.ts';

const stoppedReaders = 60;
const rssBytesMax = 256 * MiB;

testCase(
  'G26',
  'readers that stop taking hold neither memory nor other clients up',
  { cluster: 'own' },
  async (ctx) => {
    await using node = await ownNode(ctx);
    using client = new NodeClient(node.address);
    const large = new SeededChunk(ctx, 'large', 32 * MiB);
    await large.putTo(client);
    const slow = Array.from({ length: stoppedReaders }, () => new NodeClient(node.address));
    ctx.defer(() => {
      for (const one of slow) one.close();
    });
    const streams = slow.map((one) => one.getChunk({ chunkId: large.chunkId, messageBytes: MiB }));
    await Promise.all(streams.map((stream) => stream.next()));

    const brisk = new SeededChunk(ctx, 'brisk', 8 * MiB);
    await brisk.putTo(client, { deadlineMs: 20_000 });
    assert.equal((await brisk.readFrom(client)).message, 'whole');
    assert.equal((await large.readFrom(client)).message, 'whole');
    await Promise.all(streams.map((stream) => stream.return(undefined)));

    const peakBytes = node.peakRssBytes() ?? 0;
    ctx.note('peak RSS, MiB', Math.round(peakBytes / MiB));
    assert.ok(peakBytes < rssBytesMax, `the node had ${Math.round(peakBytes / MiB)} MiB in memory`);
  },
);
