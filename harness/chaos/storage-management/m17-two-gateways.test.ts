/**
 * Two gateways on one database, and what the one of them changes or leaves unfinished when it dies. A failure means that
 * a second gateway works with an old picture of the cluster, or that a job ends with the process that began it.
 */
import assert from 'node:assert/strict';
import { takePhysicalCensus, untilPhysicallyWhole } from '../../kit/census/physical-census.ts';
import { AdminClient } from '../../kit/clients/admin-client.ts';
import type { RestClient } from '../../kit/clients/rest-client.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { fileCluster } from '../../kit/testing/file-cluster.ts';
import { ownCluster } from '../../kit/testing/fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { assertAllReadBack, serversOf, storeFiles } from '../../kit/workloads/stored-files.ts';
import { KiB, MiB, quickBut } from './quick-settings.ts';
import { clientsOf, fast, slowly, untilRepaired } from './two-gateways.ts';

/** A change is told at once: long before the refresh, which is as rare as in operation here. */
const heardWithinMs = 5_000;
/** From the death of a job's owner until another gateway goes on with it: the job's interval, and a busy machine. */
const takenOverWithinMs = 10_000;

testCase(
  'M17',
  'a change of membership through one gateway is seen by the other, whatever the change is',
  { cluster: 'own', phase: 2 },
  async (ctx) => {
    const settings = quickBut({ SEXTANT_RING_REFRESH_MS: '30000' });
    await using cluster = await ownCluster(ctx, { ...settings, nodes: 3, gateways: 2 });
    const [first, second] = clientsOf(ctx, cluster);
    const admin = new AdminClient(first);

    const added = await cluster.addNode();
    await untilNotWrittenTo(second, ctx, added.serverId, false);
    await admin.maintain(added.serverId);
    await untilNotWrittenTo(second, ctx, added.serverId, true);
    await admin.activate(added.serverId);
    await untilNotWrittenTo(second, ctx, added.serverId, false);
    await admin.drain(added.serverId);
    await untilNotWrittenTo(second, ctx, added.serverId, true);
  },
);

const clusterOf = fileCluster({
  ...quickBut({ ...slowly, SEXTANT_SCRUB_PERIOD_MS: '60000' }),
  nodes: 4,
  gateways: 2,
});

testCase(
  'M18',
  "when a job's gateway is killed another goes on where it was, within seconds",
  { cluster: 'own', phase: 2, timeoutMs: 120_000 },
  async (ctx) => {
    const cluster = await clusterOf(ctx);
    const [first, second] = clientsOf(ctx, cluster);
    const [owner, other] = cluster.gateways;
    assert.ok(owner && other);
    const files = await storeFiles(first, { seed: ctx.seed, count: 16, sizeBytes: (3 * MiB) / 2 });
    // Alone, so that it is the one that repairs.
    await other.stop();
    await cluster.removeNode(ctx.choices.pick(cluster.nodes));
    const { chunks } = await takePhysicalCensus(cluster);
    const toRepair = chunks.filter(({ good }) => good.length < 2).length;
    await untilRepaired(first, 2);
    await other.start(fast);

    const { repaired_chunks: before } = await new AdminClient(second).repair();
    await owner.kill('SIGKILL');
    const sinceMs = performance.now();
    await untilRepaired(second, before + 1, takenOverWithinMs);
    ctx.note('the other gateway repairs after ms', Math.round(performance.now() - sinceMs));

    await untilPhysicallyWhole(cluster, { replicas: 2, withinMs: 60_000 });
    await assertAllReadBack(second, files);
    const { repaired_chunks } = await new AdminClient(second).repair();
    ctx.note('chunks to repair, and repaired by the two', `${toRepair}, ${repaired_chunks}`);
    assert.ok(before < toRepair, 'the repair was over before its gateway was killed');
  },
);

testCase(
  'M19',
  'a round of the scrub goes on where it was when its gateway is killed, and reads everything once',
  { cluster: 'own', phase: 2 },
  async (ctx) => {
    const cluster = await clusterOf(ctx);
    const [first, second] = clientsOf(ctx, cluster);
    const [owner, other] = cluster.gateways;
    assert.ok(owner && other);
    await storeFiles(first, { seed: ctx.seed, count: 12, sizeBytes: MiB });
    const { chunks } = await untilPhysicallyWhole(cluster, { replicas: 2, withinMs: 20_000 });
    const replicas = chunks.length * 2;
    const admin = new AdminClient(second);
    await other.stop();
    const { scrub: last } = await new AdminClient(first).repair();
    await new AdminClient(first).start('scrub');
    await until({ what: 'a new round of the scrub to be under way', withinMs: 20_000 }, async () => {
      const { scrub } = await new AdminClient(first).repair();
      return scrub.started_at !== last.started_at && scrub.verified_replicas >= replicas / 16;
    });
    await other.start(fast);

    await owner.kill('SIGKILL');
    const { scrub: before } = await admin.repair();
    assert.equal(before.finished_at, null, 'the round was over before its gateway was killed');
    const sinceMs = performance.now();
    await until({ what: 'the other gateway to go on', withinMs: takenOverWithinMs }, async () => {
      return (await admin.repair()).scrub.verified_replicas > before.verified_replicas;
    });
    ctx.note('the other gateway scrubs after ms', Math.round(performance.now() - sinceMs));
    const after = await until({ what: 'the round to be over', withinMs: 30_000 }, async () => {
      const { scrub } = await admin.repair();
      return scrub.finished_at === null ? undefined : scrub;
    });
    assert.equal(after.started_at, before.started_at, 'it is the same round');
    assert.deepEqual([after.verified_replicas, after.problems], [replicas, 0]);
  },
);

async function untilNotWrittenTo(rest: RestClient, ctx: CaseContext, serverId: string, not: boolean): Promise<void> {
  let tries = 0;
  const what = `the other gateway ${not ? 'not to write' : 'to write'} to ${serverId}`;
  await until({ what, withinMs: heardWithinMs, pollMs: 200 }, async () => {
    const seed = `${ctx.seed}/${serverId}/${not}/${tries++}`;
    const files = await storeFiles(rest, { seed, count: 1, sizeBytes: 60 * KiB });
    return (await serversOf(rest, files)).has(serverId) !== not;
  });
}
