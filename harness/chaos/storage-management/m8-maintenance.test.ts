/**
 * An operator takes a node down for an hour and says so. A failure means that the whole node is copied for nothing, or
 * that clients write to a machine that is about to be switched off.
 */
import assert from 'node:assert/strict';
import { takePhysicalCensus, untilPhysicallyWhole } from '../../kit/census/physical-census.ts';
import { AdminClient } from '../../kit/clients/admin-client.ts';
import { ownCluster, restOf } from '../../kit/testing/fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { assertAllReadBack, serversOf, storeFiles } from '../../kit/workloads/stored-files.ts';
import { inactiveAfterMs, KiB, repairGraceMs, settled } from './quick-settings.ts';

testCase(
  'M8',
  'a server in maintenance gets no new chunks, is not repaired around, and comes back as it was',
  { cluster: 'own', phase: 2 },
  async (ctx) => {
    // What is moved meanwhile leaves a copy, which stays as long as the node that is away is in doubt.
    await using cluster = await ownCluster(ctx, { ...settled, nodes: 4 });
    const rest = restOf(ctx, cluster);
    const admin = new AdminClient(rest);
    const files = await storeFiles(rest, { seed: `${ctx.seed}/before`, count: 12, sizeBytes: 60 * KiB });
    const node = ctx.choices.pick(cluster.nodes);

    assert.equal((await admin.maintain(node.serverId)).body.status, 'maintenance');
    await node.stop();
    const sinceMs = performance.now();
    const more = await storeFiles(rest, { seed: `${ctx.seed}/meanwhile`, count: 12, sizeBytes: 60 * KiB });
    await assertAllReadBack(rest, [...files, ...more]);
    // Longer than it takes to be found silent and to be repaired around, had nobody said anything.
    const silentMs = 1.5 * (inactiveAfterMs + repairGraceMs);
    await until(
      { what: 'the silence to be long', withinMs: 2 * silentMs },
      () => performance.now() - sinceMs > silentMs,
    );
    await admin.start('repair');

    assert.equal(await admin.statusOf(node.serverId), 'maintenance');
    assert.ok(!(await serversOf(rest, more)).has(node.serverId), 'it has new chunks');
    assert.ok((await serversOf(rest, files)).has(node.serverId), 'it does not count for the old ones any more');
    const { chunks } = await takePhysicalCensus(cluster);
    const standing = chunks.map(({ good }) => good.length);
    assert.ok(
      standing.every((good) => good === 2),
      `copies were made for nothing: ${standing.join(' ')}`,
    );

    await node.start();
    assert.equal((await admin.activate(node.serverId)).status, 200);
    await until({ what: `${node.name} to be active with its next heartbeat`, withinMs: 10_000 }, async () => {
      return (await admin.statusOf(node.serverId)) === 'active';
    });
    await untilPhysicallyWhole(cluster, { replicas: 2, withinMs: 20_000 });
    await assertAllReadBack(rest, [...files, ...more]);
  },
);
