/**
 * Takes parts off the network by the engine, which no process of one machine can suffer. A failure means that a pulled
 * cable costs a file, or that a part which is back is not taken back.
 */
import assert from 'node:assert/strict';
import { AdminClient } from '../kit/clients/admin-client.ts';
import { during } from '../kit/faults/fault.ts';
import { unplug } from '../kit/faults/process/unplug.ts';
import { fileCluster } from '../kit/testing/file-cluster.ts';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { until } from '../kit/testing/until.ts';
import { sendFile } from '../kit/workloads/seeded-file.ts';
import { assertAllReadBack, storeFiles } from '../kit/workloads/stored-files.ts';

const KiB = 1024;
const clusterOf = fileCluster({
  settings: { SEXTANT_NODE_HEARTBEAT_INTERVAL_MS: '500', SEXTANT_INACTIVE_AFTER_MS: '3000' },
});
const options = { cluster: 'own', phase: 2, needs: ['network'], timeoutMs: 120_000 } as const;
const backWithinMs = 30_000;

testCase('N1', 'a node off the network costs no file, and is active again when it is back', options, async (ctx) => {
  const cluster = await clusterOf(ctx);
  const rest = restOf(ctx, cluster);
  const admin = new AdminClient(rest);
  const before = await storeFiles(rest, { seed: `${ctx.seed}/before`, count: 6, sizeBytes: 300 * KiB });
  const victim = ctx.choices.pick(cluster.nodes);

  await during(unplug(victim), async () => {
    await assertAllReadBack(rest, before);
    await until({ what: `${victim.name} to be missed`, withinMs: backWithinMs }, async () => {
      return (await admin.server(victim.serverId)).status === 'inactive';
    });
    await storeFiles(rest, { seed: `${ctx.seed}/meanwhile`, count: 6, sizeBytes: 300 * KiB });
  });

  await until({ what: `${victim.name} to be active again`, withinMs: backWithinMs }, async () => {
    return (await admin.server(victim.serverId)).status === 'active';
  });
  await assertAllReadBack(rest, before);
});

testCase(
  'N2',
  'while PostgreSQL is off the network an upload is 503 within its deadline; after it all goes on',
  options,
  async (ctx) => {
    const cluster = await clusterOf(ctx);
    const rest = restOf(ctx, cluster);
    const files = await storeFiles(rest, { seed: `${ctx.seed}/before`, count: 3, sizeBytes: 100 * KiB });
    const refused = { seed: `${ctx.seed}/refused`, filename: 'refused', sizeBytes: 100 * KiB };

    await during(unplug(cluster.postgres), async () => {
      const answer = await sendFile(rest, refused);
      assert.equal(answer.status, 503);
      assert.match(String(answer.headers['retry-after']), /^\d+$/);
    });

    await until({ what: 'uploads to succeed again', withinMs: backWithinMs }, async () => {
      return (await sendFile(rest, { ...refused, filename: 'accepted' })).status === 201;
    });
    await assertAllReadBack(rest, files);
  },
);
