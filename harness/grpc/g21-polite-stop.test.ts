/**
 * Asks a node to end (SIGTERM) while it takes a chunk. A failure means that every planned restart breaks off
 * uploads.
 */
import assert from 'node:assert/strict';
import { failedWith, grpcStatus, NodeClient } from '../kit/clients/node-client.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { until } from '../kit/testing/until.ts';
import { refusedWith } from './refused.ts';
import { MiB, SeededChunk } from './seeded-chunk.ts';
import { stalledPut } from './stalled-put.ts';

testCase(
  'G21',
  'a node that is asked to end finishes the put that runs, and takes no new one',
  { cluster: 'own' },
  async (ctx) => {
    await using node = await ownNode(ctx);
    using client = new NodeClient(node.address);
    const chunk = new SeededChunk(ctx, 'running', 8 * MiB);
    const put = await stalledPut(client, node.dataDir, chunk);
    const exited = node.exited();

    await node.kill('SIGTERM');
    using late = new NodeClient(node.address);
    const refusesNewCalls = () =>
      late.healthCheck({ deadlineMs: 2_000 }).then(
        () => false,
        (error) => failedWith(error, grpcStatus.UNAVAILABLE),
      );
    await until({ what: 'the node to refuse new connections', withinMs: 5_000 }, refusesNewCalls);
    const latecomer = new SeededChunk(ctx, 'late', MiB).putTo(late, { deadlineMs: 2_000 });
    await refusedWith('UNAVAILABLE', latecomer, 'a put after SIGTERM');
    put.finish();

    assert.equal((await put.answer).success, true);
    assert.deepEqual(await exited, { code: 0, signal: null });
    await node.start();
    assert.equal((await chunk.readFrom(client)).message, 'whole');
  },
);

testCase('G21b', 'a put that never ends does not keep a node from ending', { cluster: 'own' }, async (ctx) => {
  await using node = await ownNode(ctx, { settings: { SEXTANT_SHUTDOWN_DEADLINE_MS: '1000' } });
  using client = new NodeClient(node.address);
  const put = await stalledPut(client, node.dataDir, new SeededChunk(ctx, 'endless', 8 * MiB));
  const exited = node.exited();
  const startedAtMs = performance.now();
  await node.kill('SIGTERM');
  assert.deepEqual(await exited, { code: 0, signal: null });
  const tookMs = performance.now() - startedAtMs;
  assert.ok(tookMs < 8_000, `it took ${Math.round(tookMs)} ms, and its deadline is 1 s`);
  await assert.rejects(put.answer);
});
