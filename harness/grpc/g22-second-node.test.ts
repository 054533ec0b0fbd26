/**
 * Starts a second node on the data folder of a running one. A failure means that two processes write the same files,
 * and that the sweep of the one removes what the other is writing.
 */
import assert from 'node:assert/strict';
import { NodeClient } from '../kit/clients/node-client.ts';
import { StartFailed } from '../kit/cluster/target.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { MiB, SeededChunk } from './seeded-chunk.ts';
import { stalledPut } from './stalled-put.ts';

testCase(
  'G22',
  'a second node on the same data folder is refused, and the first goes on',
  { cluster: 'own', needs: ['shared process ids'] },
  async (ctx) => {
    await using first = await ownNode(ctx);
    using client = new NodeClient(first.address);
    const chunk = new SeededChunk(ctx, 'running', 8 * MiB);
    const put = await stalledPut(client, first.dataDir, chunk);

    const second = ownNode(ctx, { dataDir: first.dataDir });
    await assert.rejects(second, (error) => {
      assert.ok(error instanceof StartFailed);
      assert.match(error.message, new RegExp(`in use by process ${first.pid}`));
      return true;
    });

    put.finish();
    assert.equal((await put.answer).success, true);
    assert.equal((await chunk.readFrom(client)).message, 'whole');
  },
);

testCase(
  'G22b',
  'a killed node leaves no lock that would keep it from starting again',
  { cluster: 'own' },
  async (ctx) => {
    await using node = await ownNode(ctx);
    const { serverId } = node;
    await node.kill('SIGKILL');
    await node.start();
    assert.equal(node.serverId, serverId);
  },
);
