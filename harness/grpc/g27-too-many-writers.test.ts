/**
 * More writers at once than a node has memory for, all of them in the middle of their chunks. A failure means that a
 * crowd takes a node down, or that clients wait for ever without being told.
 */
import assert from 'node:assert/strict';
import { failedWith, grpcStatus, NodeClient, type PutMessage } from '../kit/clients/node-client.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { until } from '../kit/testing/until.ts';
import { unfinishedFiles, untilNothingUnfinished } from './node-files.ts';
import { KiB, MiB, SeededChunk } from './seeded-chunk.ts';

const writers = 400;
const servedMin = 50;
const rssBytesMax = 256 * MiB;

testCase(
  'G27',
  '400 writers at once are served, or refused as UNAVAILABLE at once',
  { cluster: 'own', tags: ['concurrent'] },
  async (ctx) => {
    await using node = await ownNode(ctx);
    using client = new NodeClient(node.address);
    const goOn = Promise.withResolvers<void>();
    let refused = 0;
    const chunks = Array.from({ length: writers }, (_, index) => new SeededChunk(ctx, `writer-${index}`, 192 * KiB));
    const answers = chunks.map((chunk) => {
      const answer = client.putMessages(paused(chunk, goOn.promise));
      answer.catch(() => {
        refused += 1;
      });
      return answer;
    });
    const allAreDecided = async () => (await unfinishedFiles(node.dataDir)).length + refused === writers;
    await until({ what: 'every writer to be taken or refused', withinMs: 20_000 }, allAreDecided);
    goOn.resolve();

    const outcomes = await Promise.allSettled(answers);
    const served = chunks.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    ctx.note('writers served', served.length);
    assert.ok(served.length >= servedMin, `only ${served.length} of ${writers} writers were served`);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') assert.ok(failedWith(outcome.reason, grpcStatus.UNAVAILABLE), outcome.reason);
    }
    for (const chunk of served) assert.equal((await chunk.readFrom(client)).message, 'whole');

    await untilNothingUnfinished(node.dataDir);
    assert.equal((await client.healthCheck()).chunkCount, served.length);
    const peakBytes = node.peakRssBytes() ?? 0;
    ctx.note('peak RSS, MiB', Math.round(peakBytes / MiB));
    assert.ok(peakBytes < rssBytesMax, `the node had ${Math.round(peakBytes / MiB)} MiB in memory`);
  },
);

async function* paused(chunk: SeededChunk, goOn: Promise<void>): AsyncGenerator<PutMessage> {
  const [first, ...rest] = [...chunk.data(64 * KiB)].map((data) => ({ chunkId: chunk.chunkId, data }));
  if (first !== undefined) yield first;
  await goOn;
  yield* rest;
}
