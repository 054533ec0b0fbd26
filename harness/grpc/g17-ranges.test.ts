/**
 * Ranges around block borders, at both ends and beyond them, many of them chosen by the seed. A failure means that a
 * resumed read, or a range over several chunks, is put together from wrong bytes.
 */
import assert from 'node:assert/strict';
import { verifySeeded } from '../kit/seed/verify-seeded.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { oneAndSix, onOneAndOnSixAtOnce } from './nodes-under-test.ts';
import { drain, refusedWith } from './refused.ts';
import { KiB, MiB, SeededChunk } from './seeded-chunk.ts';

const sizeBytes = 2 * MiB + 4_321;
const chosenRanges = 20;

testCase('G17', 'a range is exactly its bytes; one beyond the end is OUT_OF_RANGE', oneAndSix, async (ctx) => {
  const chunk = new SeededChunk(ctx, 'ranges', sizeBytes);
  const edges = [0, 1, 4095, 4096, 256 * KiB - 1, 256 * KiB, MiB, sizeBytes - 1];
  const ranges = [
    ...edges.flatMap((offset) => [1, 4096, 0].map((lengthBytes) => ({ offset, lengthBytes }))),
    ...Array.from({ length: chosenRanges }, () => ({
      offset: ctx.choices.int(0, sizeBytes - 1),
      lengthBytes: ctx.choices.int(1, MiB),
    })),
  ];
  await onOneAndOnSixAtOnce(ctx, async ({ client }) => {
    const { chunkId } = chunk;
    await chunk.putTo(client);
    for (const { offset, lengthBytes } of ranges) {
      const expectedBytes = Math.min(lengthBytes || sizeBytes, sizeBytes - offset);
      const stream = client.getChunk({ chunkId, offset, lengthBytes });
      const { message } = await verifySeeded(stream, chunk.dataSeed, expectedBytes, { fromOffset: offset });
      assert.equal(message, 'whole', `${lengthBytes} bytes from ${offset}`);
    }
    assert.deepEqual(await Array.fromAsync(client.getChunk({ chunkId, offset: sizeBytes })), []);
    await refusedWith('OUT_OF_RANGE', drain(client.getChunk({ chunkId, offset: sizeBytes + 1 })), 'beyond the end');
    await refusedWith('INVALID_ARGUMENT', drain(client.getChunk({ chunkId, offset: -1 })), 'a negative offset');
    await refusedWith('INVALID_ARGUMENT', drain(client.getChunk({ chunkId, lengthBytes: -1 })), 'a negative length');
  });
});
