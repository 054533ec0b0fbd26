/**
 * A client that is gone before its chunk is whole: it cancels, its connection is reset, or it is never heard of
 * again. A failure means that space leaks away, or that half a chunk is taken for a whole one.
 */
import assert from 'node:assert/strict';
import { NodeClient } from '../kit/clients/node-client.ts';
import type { CaseContext } from '../kit/testing/case-context.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { chunkFiles, untilNothingUnfinished } from './node-files.ts';
import { drain, refusedWith } from './refused.ts';
import { Relay } from './relay.ts';
import { MiB, SeededChunk } from './seeded-chunk.ts';
import { type StalledPut, stalledPut } from './stalled-put.ts';

const quotaBytes = 64 * MiB;
/** The node's own default is minutes: this is what a silent client is given here. */
const idleTimeoutMs = 1_000;

testCase('G14', 'a client that cancels in mid-stream leaves nothing', { cluster: 'own' }, async (ctx) => {
  await vanishing(ctx, (put) => put.cancel());
});

testCase('G14b', 'a client whose connection is reset in mid-stream leaves nothing', { cluster: 'own' }, async (ctx) => {
  await vanishing(ctx, (_, relay) => relay.reset());
});

testCase('G14c', 'a client that falls silent in mid-stream leaves nothing', { cluster: 'own' }, async (ctx) => {
  await vanishing(ctx, (_, relay) => relay.freeze());
});

async function vanishing(ctx: CaseContext, vanish: (put: StalledPut, relay: Relay) => void): Promise<void> {
  const settings = {
    SEXTANT_NODE_QUOTA_BYTES: String(quotaBytes),
    SEXTANT_NODE_STREAM_IDLE_TIMEOUT_MS: String(idleTimeoutMs),
  };
  await using node = await ownNode(ctx, { settings });
  await using relay = await Relay.before(node.address);
  using client = new NodeClient(relay.address);
  using onlooker = new NodeClient(node.address);
  const chunk = new SeededChunk(ctx, 'vanishing', 12 * MiB);

  const put = await stalledPut(client, node.dataDir, chunk);
  vanish(put, relay);

  await untilNothingUnfinished(node.dataDir);
  assert.deepEqual(await chunkFiles(node.dataDir), []);
  await refusedWith('NOT_FOUND', drain(onlooker.getChunk({ chunkId: chunk.chunkId })), 'GetChunk');
  const { status, usedSpace, availableSpace } = await onlooker.healthCheck();
  assert.deepEqual([status, usedSpace, availableSpace], ['healthy', 0, quotaBytes]);
  await chunk.putTo(onlooker);
  assert.equal((await chunk.readFrom(onlooker)).message, 'whole');
}
