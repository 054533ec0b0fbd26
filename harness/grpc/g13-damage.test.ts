/**
 * Damages the file of a chunk: single bits that the seed chooses in its header, its blocks and its end, lost and
 * added bytes, another chunk's file in its place. A failure means that a node hands out wrong bytes as right ones.
 */
import assert from 'node:assert/strict';
import { copyFile, open, readFile, truncate, writeFile } from 'node:fs/promises';
import { failedWith, grpcStatus, NodeClient } from '../kit/clients/node-client.ts';
import type { CaseContext } from '../kit/testing/case-context.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { chunkFile } from './node-files.ts';
import { refusedWith } from './refused.ts';
import { MiB, SeededChunk } from './seeded-chunk.ts';

const sizeBytes = 2 * MiB + 1_234;
const flipsInEachPart = 10;

testCase(
  'G13',
  'one damaged bit anywhere in a chunk file is DATA_LOSS, never wrong bytes',
  { cluster: 'own' },
  async (ctx) => {
    await using stored = await storedChunk(ctx);
    const { client, chunk, path, fileBytes } = stored;
    const parts = { beginning: [0, 64], page: [64, 4095], middle: [4096, sizeBytes], end: [sizeBytes, fileBytes - 1] };
    for (const [part, [from = 0, to = 0]] of Object.entries(parts)) {
      for (let flips = 0; flips < flipsInEachPart; flips++) {
        const at = ctx.choices.int(from, to);
        const bit = ctx.choices.int(0, 7);
        await flipBit(path, at, bit);
        await refusesDamaged(client, chunk, `bit ${bit} of byte ${at} (${part})`);
        await flipBit(path, at, bit);
      }
    }
    assert.equal((await chunk.readFrom(client)).message, 'whole');
  },
);

testCase(
  'G13b',
  'a chunk file that is cut, longer or that of another chunk is DATA_LOSS',
  { cluster: 'own' },
  async (ctx) => {
    await using stored = await storedChunk(ctx);
    const { client, chunk, path, fileBytes } = stored;
    const whole = await readFile(path);
    const cuts = [0, 1, 4095, 4096, MiB, fileBytes - 4096, fileBytes - 1, ctx.choices.int(1, fileBytes - 1)];
    for (const keptBytes of cuts) {
      await truncate(path, keptBytes);
      await refusesDamaged(client, chunk, `cut to ${keptBytes} bytes`);
      await writeFile(path, whole);
    }
    for (const addedBytes of [1, 4096, MiB]) {
      await writeFile(path, Buffer.concat([whole, Buffer.alloc(addedBytes)]));
      await refusesDamaged(client, chunk, `${addedBytes} bytes longer`);
      await writeFile(path, whole);
    }
    const other = new SeededChunk(ctx, 'other', sizeBytes);
    await other.putTo(client);
    await copyFile((await chunkFile(stored.dataDir, other.chunkId)) ?? '', path);
    await refusesDamaged(client, chunk, "another chunk's file in its place");
    assert.equal((await other.readFrom(client)).message, 'whole');
  },
);

testCase('G13c', 'a damaged chunk is healed by storing the right bytes again', { cluster: 'own' }, async (ctx) => {
  await using stored = await storedChunk(ctx);
  const { client, chunk, path } = stored;
  await flipBit(path, ctx.choices.int(4096, sizeBytes), 3);
  await refusedWith('DATA_LOSS', chunk.readFrom(client), 'GetChunk');
  assert.equal((await chunk.putTo(client)).success, true);
  assert.equal((await chunk.readFrom(client)).message, 'whole');
});

async function storedChunk(ctx: CaseContext) {
  const node = await ownNode(ctx);
  const client = new NodeClient(node.address);
  const chunk = new SeededChunk(ctx, 'damaged', sizeBytes);
  await chunk.putTo(client);
  const path = await chunkFile(node.dataDir, chunk.chunkId);
  assert.ok(path, 'the chunk has no file');
  return {
    client,
    chunk,
    path,
    dataDir: node.dataDir,
    fileBytes: (await readFile(path)).length,
    async [Symbol.asyncDispose]() {
      client.close();
      await node[Symbol.asyncDispose]();
    },
  };
}

async function flipBit(path: string, at: number, bit: number): Promise<void> {
  await using file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0] = (byte[0] as number) ^ (1 << bit);
  await file.write(byte, 0, 1, at);
}

/** Every byte that arrives before the error must be right: the comparison throws nothing, it would tell. */
async function refusesDamaged(client: NodeClient, chunk: SeededChunk, damage: string): Promise<void> {
  const outcome = await chunk.readFrom(client).catch((error) => error);
  const found = outcome instanceof Error ? outcome : `a stream that ended well (${outcome.message})`;
  assert.ok(failedWith(outcome, grpcStatus.DATA_LOSS), `${damage}: DATA_LOSS must come, and there was ${found}`);
  await refusedWith('DATA_LOSS', client.verifyChunk(chunk.chunkId), `VerifyChunk, ${damage},`);
}
