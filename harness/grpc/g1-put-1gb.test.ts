/**
 * Streams a decimal gigabyte into one chunk: on a node of its own, and on six side by side. A failure means that a
 * node cannot take a chunk far larger than its buffers, or that it answers before it holds all of it.
 */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { testCase } from '../kit/testing/test-case.ts';
import { chunkFile } from './node-files.ts';
import { oneAndSix, onOneAndOnSixAtOnce } from './nodes-under-test.ts';
import { SeededChunk } from './seeded-chunk.ts';

const sizeBytes = 1_000_000_000;

testCase(
  'G1',
  'a chunk of 1 GB is streamed into a node, and into six at once',
  { ...oneAndSix, tags: ['large'], timeoutMs: 300_000 },
  async (ctx) => {
    const chunk = new SeededChunk(ctx, 'gigabyte', sizeBytes);
    const sha256 = chunk.sha256();
    const speeds: number[] = [];
    await onOneAndOnSixAtOnce(ctx, async ({ client, dataDir }) => {
      const startedAtMs = performance.now();
      const answer = await chunk.putTo(client, { checksum: sha256 });
      speeds.push(Math.round(sizeBytes / 1e3 / (performance.now() - startedAtMs)));
      assert.deepEqual([answer.success, answer.size, answer.checksum], [true, sizeBytes, sha256]);
      const path = await chunkFile(dataDir, chunk.chunkId);
      assert.ok(
        path && (await stat(path)).size >= sizeBytes,
        'the node answered, and its disk does not hold the chunk',
      );
      await client.deleteChunk(chunk.chunkId);
    });
    const [alone = 0, ...together] = speeds;
    ctx.note('MB/s into one node', alone);
    ctx.note('MB/s into each of six at once', together.join(' '));
  },
);
