/**
 * Kills a node with SIGKILL right when it has answered some puts and works on others. A failure means that an
 * acknowledged chunk was still in the memory of the process. (That it would survive a power cut as well, this cannot
 * show: the page cache outlives a process.)
 */
import assert from 'node:assert/strict';
import { failedWith, grpcStatus, NodeClient } from '../kit/clients/node-client.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { MiB, SeededChunk } from './seeded-chunk.ts';

const writers = 8;
const answersBeforeKill = 12;
const chunksMax = 200;

testCase('G16', 'chunks survive a SIGKILL right after their answer, whole', { cluster: 'own' }, async (ctx) => {
  await using node = await ownNode(ctx);
  using client = new NodeClient(node.address);
  const chunks = Array.from({ length: chunksMax }, (_, index) => {
    return new SeededChunk(ctx, `survivor-${index}`, ctx.choices.int(1, 2 * MiB));
  });
  const acknowledged = new Set<SeededChunk>();
  const waiting = [...chunks];
  let killed: Promise<void> | undefined;

  const writer = async () => {
    for (let chunk = waiting.shift(); chunk !== undefined && killed === undefined; chunk = waiting.shift()) {
      const answer = await chunk.putTo(client).catch(() => undefined);
      if (answer?.success !== true) return;
      acknowledged.add(chunk);
      if (acknowledged.size === answersBeforeKill) killed = node.kill('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  await killed;
  await node.start();

  assert.ok(acknowledged.size >= answersBeforeKill);
  ctx.note('chunks acknowledged', acknowledged.size);
  for (const chunk of chunks.slice(0, chunksMax - waiting.length)) {
    const verdict = await chunk.readFrom(client).catch((error) => error);
    // What was not acknowledged may be there or not, but never in part.
    if (!acknowledged.has(chunk) && failedWith(verdict, grpcStatus.NOT_FOUND)) continue;
    assert.equal(verdict.message, 'whole', chunk.chunkId);
  }
});
