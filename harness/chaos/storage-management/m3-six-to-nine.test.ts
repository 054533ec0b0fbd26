/**
 * Three empty nodes join six full ones while clients work. A failure means that new disks stay empty, that more is
 * copied over the network than must be, or that clients notice.
 */
import { untilPhysicallyWhole } from '../../kit/census/physical-census.ts';
import { layoutOf } from '../../kit/census/replica-moves.ts';
import { ownCluster, restOf } from '../../kit/testing/fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
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
  'M3',
  'six nodes become nine under load: evenly filled, little moved, no request failed',
  { cluster: 'own', phase: 2, timeoutMs: 900_000 },
  async (ctx) => {
    await using cluster = await ownCluster(ctx, quick);
    const rest = restOf(ctx, cluster);
    await storeEvenFiles(ctx, rest);
    const before = await layoutOf(cluster.nodes);
    await using load = startEvenLoad(ctx, cluster);

    await Promise.all([cluster.addNode(), cluster.addNode(), cluster.addNode()]);
    await untilEven(ctx, cluster.nodes, evenWithinMs[ctx.tier]);
    await load.untilAcknowledged(10);
    const ledger = await load.stop();

    await untilPhysicallyWhole(cluster, { replicas: 2, withinMs: 60_000 });
    await assertMovedLittle(ctx, before, cluster.nodes, cluster.nodes);
    assertNothingRefused(ledger);
    assertKept(await verifyLedger(ledger, rest));
  },
);
