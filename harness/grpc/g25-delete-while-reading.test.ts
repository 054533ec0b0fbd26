/**
 * Deletes chunks while they are read. A failure means that a reader takes a part of a chunk for the whole of it.
 */
import assert from 'node:assert/strict';
import { failedWith, grpcStatus, NodeClient } from '../kit/clients/node-client.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { chunkFiles } from './node-files.ts';
import { MiB, SeededChunk } from './seeded-chunk.ts';

const readers = 6;

testCase(
  'G25',
  'a chunk that is deleted while it is read arrives whole, or the reader is told',
  { cluster: 'own' },
  async (ctx) => {
    await using node = await ownNode(ctx);
    using client = new NodeClient(node.address);
    const chunk = new SeededChunk(ctx, 'read-and-deleted', 24 * MiB);
    await chunk.putTo(client);
    const begun = await Promise.all(
      Array.from({ length: readers }, async () => {
        const stream = client.getChunk({ chunkId: chunk.chunkId });
        return { stream, first: (await stream.next()).value as Buffer };
      }),
    );
    await client.deleteChunk(chunk.chunkId);
    const endings = await Promise.all(
      begun.map(({ stream, first }) => chunk.compare(from(first, stream)).catch((error) => error)),
    );
    for (const ending of endings) {
      if (failedWith(ending, grpcStatus.NOT_FOUND) || failedWith(ending, grpcStatus.DATA_LOSS)) continue;
      assert.equal(ending.message, 'whole');
    }
    ctx.note('readers served to the end', endings.filter((ending) => ending.isWhole === true).length);
    assert.deepEqual(await chunkFiles(node.dataDir), []);
  },
);

async function* from(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}
