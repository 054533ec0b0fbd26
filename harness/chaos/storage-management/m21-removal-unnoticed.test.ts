/**
 * Takes PostgreSQL away from a gateway that has just removed a drained server, before it looks what the servers are now. A
 * failure means that a database which is away for a moment ends a gateway.
 */
import assert from 'node:assert/strict';
import { AdminClient } from '../../kit/clients/admin-client.ts';
import { armFailpoint, resume } from '../../kit/faults/failpoints.ts';
import { ownCluster, restOf } from '../../kit/testing/fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { quick } from './quick-settings.ts';

const withinMs = 30_000;

testCase(
  'M21',
  'a gateway that removes a server lives on when PostgreSQL is gone the moment after',
  { cluster: 'own', phase: 2, timeoutMs: 120_000 },
  async (ctx) => {
    await using cluster = await ownCluster(ctx, { nodes: 4, settings: quick.gatewaySettings });
    const [gateway] = cluster.gateways;
    const [node] = cluster.nodes;
    assert.ok(gateway && node);
    const removal = await armFailpoint(gateway, 'drain.after-removal', 'pause');
    const rest = restOf(ctx, cluster);
    const admin = new AdminClient(rest);
    assert.equal((await admin.drain(node.serverId)).status, 202);
    await removal.untilReached(withinMs);
    const { pid } = gateway;

    await cluster.postgres.kill('SIGKILL');
    await resume(gateway);
    // Not ready any more: it has noticed, and so has whatever it was about to ask.
    await until({ what: 'the gateway to complain of its database', withinMs }, async () => {
      return (await rest.send({ method: 'GET', path: '/health/ready' })).status === 503;
    });
    await cluster.postgres.start();

    await until({ what: 'the gateway to be ready again', withinMs }, async () => {
      return (await rest.send({ method: 'GET', path: '/health/ready' })).status === 200;
    });
    assert.equal(gateway.pid, pid, 'it is the same process');
    // This PostgreSQL may forget what it answered just before it was killed; then the drain ends once more.
    await until({ what: `${node.name} to be removed`, withinMs }, async () => {
      return (await admin.statusOf(node.serverId)) === 'removed';
    });
  },
);
