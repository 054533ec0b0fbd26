import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NodeClient } from '../clients/node-client.ts';
import { systemEntryPoints } from '../cluster/repository.ts';
import { startNode } from '../cluster/start-node.ts';
import { WaitedInVain } from '../testing/until.ts';
import { armFailpoint, disarm, failpointsOf, resume } from './failpoints.ts';

describe('failpoints of a service', () => {
  test('are listed by the service itself', async () => {
    const names = (await failpointsOf(systemEntryPoints.node)).map(({ name }) => name);
    assert.ok(names.includes('put.before-flush'), `among ${names.join(', ')}`);
  });

  test('one that is armed to crash ends the process there, and not before', async () => {
    await using node = await startNode();
    const armed = await armFailpoint(node, 'put.before-answer', 'crash');
    using client = new NodeClient(node.address);
    await client.healthCheck();
    assert.equal(await armed.wasReached(), false);
    await assert.rejects(client.putMessages([{ chunkId: 'chunk', data: Buffer.from('bytes') }]));
    await armed.untilReached(5_000);
    assert.deepEqual(await node.exited(), { code: null, signal: 'SIGKILL' });

    await node.start({});
    assert.equal((await client.verifyChunk('chunk')).size, 5);
  });

  test('one that is armed to pause waits until it is told to go on', async () => {
    await using node = await startNode();
    const armed = await armFailpoint(node, 'put.before-flush', 'pause');
    using client = new NodeClient(node.address);
    const put = client.putMessages([{ chunkId: 'chunk', data: Buffer.from('bytes') }]);
    await armed.untilReached(5_000);
    await resume(node);
    assert.equal((await put).success, true);
    await disarm(node);
  });

  test('one that is not reached is waited for in vain', async () => {
    await using node = await startNode();
    const armed = await armFailpoint(node, 'put.before-flush', 'crash');
    await assert.rejects(armed.untilReached(50), WaitedInVain);
  });
});
