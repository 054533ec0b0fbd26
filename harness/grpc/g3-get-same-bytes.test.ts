/**
 * Sizes around every border that a node might have (a byte, a page, a block, a message, several of them) go in and
 * come back. A failure means that a node returns something else than it was given.
 */
import assert from 'node:assert/strict';
import { testCase } from '../kit/testing/test-case.ts';
import { oneAndSix, onOneAndOnSixAtOnce } from './nodes-under-test.ts';
import { KiB, MiB, SeededChunk } from './seeded-chunk.ts';

const borders = [4 * KiB, 64 * KiB, 256 * KiB, MiB, 2 * MiB];
const sizes = [0, 1, ...borders.flatMap((border) => [border - 1, border, border + 1]), 9_876_543];

testCase('G3', 'GetChunk streams back the same bytes, whatever their number', oneAndSix, async (ctx) => {
  const chunks = sizes.map((sizeBytes) => ({
    chunk: new SeededChunk(ctx, `size-${sizeBytes}`, sizeBytes),
    messageBytes: ctx.choices.pick([64 * KiB, 100_000, 256 * KiB, MiB, 3 * MiB]),
  }));
  await onOneAndOnSixAtOnce(ctx, async ({ client }) => {
    for (const { chunk, messageBytes } of chunks) {
      const answer = await chunk.putTo(client, { messageBytes });
      assert.deepEqual([answer.size, answer.checksum], [chunk.sizeBytes, chunk.sha256()]);
      const { message } = await chunk.readFrom(client);
      assert.equal(message, 'whole', `${chunk.sizeBytes} bytes, sent in messages of ${messageBytes}`);
    }
  });
});
