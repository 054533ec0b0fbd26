/**
 * Three of nine nodes are drained while clients work. A failure means that an operator who takes machines away in the
 * proper way loses files, fills some of the others more than the rest, or that clients notice.
 */
import assert from 'node:assert/strict';
import { untilPhysicallyWhole } from '../../kit/census/physical-census.ts';
import { layoutOf } from '../../kit/census/replica-moves.ts';
import { AdminClient } from '../../kit/clients/admin-client.ts';
import { ownCluster, restOf } from '../../kit/testing/fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { assertKept, verifyLedger } from '../../kit/workloads/verify-ledger.ts';
import {
  assertMovedLittle,
  assertNothingRefused,
  evenWithinMs,
  startEvenLoad,
  storeEvenFiles,
  untilEven,
} from './even-fill.ts';
import { quick } from './quick-settings.ts';

testCase(
  'M4',
  'nine nodes become six by draining under load: emptied, evenly filled, little moved, no request failed',
  { cluster: 'own', phase: 2, timeoutMs: 900_000 },
  async (ctx) => {
    await using cluster = await ownCluster(ctx, { ...quick, nodes: 9 });
    const rest = restOf(ctx, cluster);
    const admin = new AdminClient(rest);
    await storeEvenFiles(ctx, rest);
    const before = await layoutOf(cluster.nodes);
    await using load = startEvenLoad(ctx, cluster);

    const leaving = ctx.choices.shuffle(cluster.nodes).slice(0, 3);
    const staying = cluster.nodes.filter((node) => !leaving.includes(node));
    for (const { serverId } of leaving) assert.equal((await admin.drain(serverId)).status, 202);
    const withinMs = evenWithinMs[ctx.tier];
    for (const { serverId, name } of leaving) {
      const isRemoved = async () => (await admin.statusOf(serverId)) === 'removed';
      await until({ what: `${name} to be removed`, withinMs, pollMs: 300 }, isRemoved);
    }
    await untilEven(ctx, staying, withinMs);
    await load.untilAcknowledged(10);
    const ledger = await load.stop();

    // The disks of the three do not count any more, and whatever is on them is not wanted.
    await untilPhysicallyWhole(cluster, { replicas: 2, withinMs: 60_000, nodes: staying });
    await assertMovedLittle(ctx, before, cluster.nodes, staying);
    assertNothingRefused(ledger);
    for (const node of leaving) await cluster.removeNode(node);
    assertKept(await verifyLedger(ledger, rest));
  },
);
