/**
 * Sends bytes that are not what the client says they are. A failure means that a node stores what was damaged on
 * its way, and that nobody would know.
 */
import assert from 'node:assert/strict';
import { NodeClient } from '../kit/clients/node-client.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { chunkFile, unfinishedFiles, untilNothingUnfinished } from './node-files.ts';
import { oneAndSix, onOneAndOnSix } from './nodes-under-test.ts';
import { drain, refusedWith } from './refused.ts';
import { KiB, MiB, SeededChunk } from './seeded-chunk.ts';

const sizeBytes = 2 * MiB + 77;
const otherSha256 = 'ab'.repeat(32);

testCase('G11', 'a wrong checksum, CRC or size is refused, and nothing is stored', oneAndSix, async (ctx) => {
  const chunk = new SeededChunk(ctx, 'mismatch', sizeBytes);
  await onOneAndOnSix(ctx, async ({ client, dataDir }) => {
    const { chunkId } = chunk;
    const data = [...chunk.data(256 * KiB)];
    const messages = data.map((piece) => ({ chunkId, data: piece }));
    const wrongCrcAt = (index: number) => messages.map((one, at) => (at === index ? { ...one, dataCrc32c: 1 } : one));
    const refusals = [
      ['DATA_LOSS', 'a wrong SHA-256 in the last message', [...messages, { checksum: otherSha256 }]],
      ['DATA_LOSS', 'a wrong SHA-256 in the first message', [{ chunkId, checksum: otherSha256 }, ...messages]],
      ['DATA_LOSS', 'a wrong CRC in the first message', wrongCrcAt(0)],
      ['DATA_LOSS', 'a wrong CRC in the last message', wrongCrcAt(messages.length - 1)],
      ['INVALID_ARGUMENT', 'a checksum that is none', [{ chunkId, checksum: 'abc' }, ...messages]],
      ['INVALID_ARGUMENT', 'fewer bytes than total_size', [{ chunkId, totalSize: sizeBytes + 1 }, ...messages]],
      ['INVALID_ARGUMENT', 'more bytes than total_size', [{ chunkId, totalSize: sizeBytes - 1 }, ...messages]],
    ] as const;
    for (const [code, what, sent] of refusals) {
      await refusedWith(code, client.putMessages(sent), what);
      await refusedWith('NOT_FOUND', drain(client.getChunk({ chunkId })), `GetChunk after ${what}`);
      assert.equal(await chunkFile(dataDir, chunkId), undefined, `a chunk file is there after ${what}`);
    }
    await chunk.putTo(client);
    await refusedWith('DATA_LOSS', client.putMessages(wrongCrcAt(1)), 'a wrong CRC for a chunk that is stored');
    assert.equal((await chunk.readFrom(client)).message, 'whole');
    await client.deleteChunk(chunkId);
  });
});

testCase(
  'G11b',
  'a refused stream leaves no unfinished file and gives its space back',
  { cluster: 'own' },
  async (ctx) => {
    await using node = await ownNode(ctx, { settings: { SEXTANT_NODE_QUOTA_BYTES: String(64 * MiB) } });
    using client = new NodeClient(node.address);
    const chunk = new SeededChunk(ctx, 'refused', sizeBytes);
    await refusedWith('DATA_LOSS', chunk.putTo(client, { checksum: otherSha256 }), 'a wrong SHA-256');
    await untilNothingUnfinished(node.dataDir);
    const { usedSpace, availableSpace, chunkCount } = await client.healthCheck();
    assert.deepEqual([usedSpace, availableSpace, chunkCount], [0, 64 * MiB, 0]);
    assert.deepEqual(await unfinishedFiles(node.dataDir), []);
  },
);
