/**
 * A node stops to answer: dead by SIGKILL, or alive and deaf by SIGSTOP, which its connections do not tell. A failure
 * means that clients wait for a dead machine, or that it is written to, or that it is not welcome when it is back.
 */
import assert from 'node:assert/strict';
import { AdminClient } from '../../kit/clients/admin-client.ts';
import type { ManagedNode } from '../../kit/cluster/target.ts';
import { ownCluster, restOf } from '../../kit/testing/fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { assertAllReadBack, serversOf, storeFiles } from '../../kit/workloads/stored-files.ts';
import { inactiveAfterMs, KiB, quickBut } from './quick-settings.ts';

/** Beside the setting: the refresh, and a machine that is busy with other tests. */
const slackMs = 3_000;
/** Repair is not what this is about: the node comes back before it begins. */
const patient = quickBut({ SEXTANT_REPAIR_GRACE_MS: '600000' });

testCase(
  'M15',
  'a silent node is inactive within the setting: read around at once, not written to, and active when it is back',
  { cluster: 'own', phase: 2, timeoutMs: 120_000 },
  async (ctx) => {
    await using cluster = await ownCluster(ctx, { ...patient, nodes: 4 });
    const rest = restOf(ctx, cluster);
    const admin = new AdminClient(rest);
    const files = await storeFiles(rest, { seed: ctx.seed, count: 4, sizeBytes: 300 * KiB });
    const [killed, paused] = ctx.choices.shuffle(cluster.nodes);
    assert.ok(killed && paused);
    const silences: readonly [ManagedNode, NodeJS.Signals, () => Promise<void>][] = [
      [killed, 'SIGKILL', () => killed.start()],
      [paused, 'SIGSTOP', () => paused.kill('SIGCONT')],
    ];
    for (const [node, signal, bringBack] of silences) {
      const sinceMs = performance.now();
      await node.kill(signal);
      await assertAllReadBack(rest, files);
      ctx.note(`reading ${files.length} files right after ${signal}, ms`, Math.round(performance.now() - sinceMs));
      await until({ what: `${node.name} to be inactive`, withinMs: inactiveAfterMs + slackMs }, async () => {
        return (await admin.statusOf(node.serverId)) === 'inactive';
      });
      ctx.note(`inactive after ${signal}, ms`, Math.round(performance.now() - sinceMs));

      const later = await storeFiles(rest, { seed: `${ctx.seed}/${signal}`, count: 6, sizeBytes: 60 * KiB });
      assert.ok(!(await serversOf(rest, later)).has(node.serverId), `${node.name} is silent and was written to`);

      await bringBack();
      await until({ what: `${node.name} to be active again`, withinMs: 10_000 }, async () => {
        return (await admin.statusOf(node.serverId)) === 'active';
      });
      await assertAllReadBack(rest, [...files, ...later]);
    }
  },
);
