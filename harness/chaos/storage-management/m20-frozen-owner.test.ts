/**
 * The gateway that repairs is frozen, not dead: its connections stay open, and with them the transaction that holds the
 * job's lock. A failure means that a frozen gateway keeps all others from the job, or that it does harm when it wakes up.
 */
import assert from 'node:assert/strict';
import { takePhysicalCensus, untilPhysicallyWhole } from '../../kit/census/physical-census.ts';
import { AdminClient } from '../../kit/clients/admin-client.ts';
import { during } from '../../kit/faults/fault.ts';
import { pause } from '../../kit/faults/process/pause.ts';
import { ownCluster } from '../../kit/testing/fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { assertAllReadBack, storeFiles } from '../../kit/workloads/stored-files.ts';
import { MiB, quickBut } from './quick-settings.ts';
import { clientsOf, fast, slowly, untilRepaired } from './two-gateways.ts';

/** PostgreSQL ends a transaction that is silent for 30 s; then the job's interval, and a busy machine. */
const takenOverWithinMs = 40_000;

testCase(
  'M20',
  "when a job's gateway is frozen another takes the job over once its lock has timed out, and it does no harm when it wakes",
  { cluster: 'own', phase: 2, tags: ['slow'], timeoutMs: 240_000 },
  async (ctx) => {
    await using cluster = await ownCluster(ctx, { ...quickBut(slowly), nodes: 4, gateways: 2 });
    const [first, second] = clientsOf(ctx, cluster);
    const [owner, other] = cluster.gateways;
    assert.ok(owner && other);
    const files = await storeFiles(first, { seed: ctx.seed, count: 16, sizeBytes: (3 * MiB) / 2 });
    // Alone, so that it is the one that repairs.
    await other.stop();
    await cluster.removeNode(ctx.choices.pick(cluster.nodes));
    await untilRepaired(first, 2);
    await other.start(fast);

    await during(pause(owner), async () => {
      const sinceMs = performance.now();
      const { repaired_chunks: before } = await new AdminClient(second).repair();
      const { chunks } = await takePhysicalCensus(cluster);
      assert.ok(
        chunks.some(({ good }) => good.length < 2),
        'the repair was over before its gateway was frozen',
      );
      await untilRepaired(second, before + 1, takenOverWithinMs);
      ctx.note('the other gateway repairs after ms', Math.round(performance.now() - sinceMs));
      await untilPhysicallyWhole(cluster, { replicas: 2, withinMs: 60_000 });
    });

    // It wakes in the middle of a copy that was made without it meanwhile.
    await assertAllReadBack(first, files);
    const later = await storeFiles(first, { seed: `${ctx.seed}/later`, count: 4, sizeBytes: MiB });
    await untilPhysicallyWhole(cluster, { replicas: 2, withinMs: 60_000 });
    await assertAllReadBack(second, [...files, ...later]);
  },
);
