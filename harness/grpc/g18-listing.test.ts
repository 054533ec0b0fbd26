/**
 * Lists many chunks with ids of every kind, whole and in pages, while others come and go. A failure means that a
 * census takes a stored chunk for lost, or never finds an orphan.
 */
import assert from 'node:assert/strict';
import { NodeClient } from '../kit/clients/node-client.ts';
import type { Choices } from '../kit/seed/choices.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { refusedWith } from './refused.ts';
import { MiB, SeededChunk } from './seeded-chunk.ts';
import { stalledPut } from './stalled-put.ts';

const chunkCount = 250;
const alphabet = [...'ABCXYZabcxyz0189-_'];

testCase(
  'G18',
  'the listing holds every chunk once, in bytewise order, whole and in pages',
  { cluster: 'own' },
  async (ctx) => {
    await using node = await ownNode(ctx);
    using client = new NodeClient(node.address);
    const ids = [...new Set(Array.from({ length: chunkCount }, () => someId(ctx.choices)))];
    const startedAtMs = Date.now();
    await storeAll(client, ids);
    const sorted = ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

    const listed = await Array.fromAsync(client.listChunks());
    assert.deepEqual(
      listed.map(({ chunkId }) => chunkId),
      sorted,
    );
    for (const { chunkId, fileBytes, storedAtMs } of listed) {
      assert.ok(fileBytes >= chunkId.length, `${chunkId} takes ${fileBytes} bytes`);
      assert.ok(
        storedAtMs >= startedAtMs - 1_000 && storedAtMs <= Date.now() + 1_000,
        `${chunkId} stored ${storedAtMs}`,
      );
    }
    for (const limit of [7, 100, ids.length - 1, ids.length, ids.length + 1]) {
      assert.deepEqual(await inPages(client, limit), sorted, `pages of ${limit}`);
    }
    await refusedWith('INVALID_ARGUMENT', Array.fromAsync(client.listChunks({ limit: -1 })), 'a negative limit');
  },
);

testCase('G18b', 'what is unfinished or deleted is not listed', { cluster: 'own' }, async (ctx) => {
  await using node = await ownNode(ctx);
  using client = new NodeClient(node.address);
  await storeAll(client, ['stays', 'goes']);
  const put = await stalledPut(client, node.dataDir, new SeededChunk(ctx, 'unfinished', 4 * MiB));
  await client.deleteChunk('goes');
  const ids = (await Array.fromAsync(client.listChunks())).map(({ chunkId }) => chunkId);
  assert.deepEqual(ids, ['stays']);
  put.cancel();
});

/** Each chunk holds its own id. */
async function storeAll(client: NodeClient, ids: readonly string[]): Promise<void> {
  const waiting = [...ids];
  const writer = async () => {
    for (let chunkId = waiting.pop(); chunkId !== undefined; chunkId = waiting.pop()) {
      await client.putMessages([{ chunkId, data: Buffer.from(chunkId) }]);
    }
  };
  await Promise.all(Array.from({ length: 16 }, writer));
}

async function inPages(client: NodeClient, limit: number): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const page = await Array.fromAsync(client.listChunks({ afterChunkId: ids.at(-1) ?? '', limit }));
    assert.ok(page.length <= limit);
    if (page.length === 0) return ids;
    ids.push(...page.map(({ chunkId }) => chunkId));
  }
}

/** Ids that begin alike, differ in case or length only, or are as long as an id may be. */
function someId(choices: Choices): string {
  const length = choices.pick([1, 2, 3, 8, 36, 199, 200]);
  return Array.from({ length }, (_, at) => (length > 8 && at < 5 ? 'a' : choices.pick(alphabet))).join('');
}
