/**
 * Many streams at once, writing and reading, over one connection and over many. A failure means that bytes of one
 * stream reach another, or that streams hold each other up for ever.
 */
import assert from 'node:assert/strict';
import { NodeClient } from '../kit/clients/node-client.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { oneAndSix, onOneAndOnSixAtOnce } from './nodes-under-test.ts';
import { KiB, MiB, SeededChunk } from './seeded-chunk.ts';

const streams = 24;

testCase(
  'G8',
  'concurrent streams on a node do not mix, neither on one connection nor on many',
  { ...oneAndSix, tags: ['concurrent'], timeoutMs: 120_000 },
  async (ctx) => {
    const chunks = Array.from({ length: streams }, (_, index) => {
      return new SeededChunk(ctx, `stream-${index}`, ctx.choices.int(1, 1.5 * MiB));
    });
    await onOneAndOnSixAtOnce(ctx, async ({ client }) => {
      const others = chunks.map(() => new NodeClient(client.address));
      try {
        // Every second stream shares a connection; each reads its chunk while others still write theirs.
        const verdicts = await Promise.all(
          chunks.map(async (chunk, index) => {
            const mine = index % 2 === 0 ? client : (others[index] as NodeClient);
            await chunk.putTo(mine, { messageBytes: index % 3 === 0 ? 64 * KiB : 256 * KiB });
            return (await chunk.readFrom(mine)).message;
          }),
        );
        assert.deepEqual(
          verdicts,
          chunks.map(() => 'whole'),
        );
        const again = await Promise.all(chunks.map((chunk) => chunk.readFrom(client)));
        assert.ok(again.every(({ isWhole }) => isWhole));
      } finally {
        for (const other of others) other.close();
      }
    });
  },
);
