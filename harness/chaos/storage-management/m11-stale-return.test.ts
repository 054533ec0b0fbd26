/**
 * A node comes back with what it had some time ago, as after a restore from a backup. What was deleted meanwhile is on
 * its disk again, what was stored meanwhile is not. A failure means that a client is served what it has deleted, or
 * that the store counts on replicas that are not there.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { takePhysicalCensus, untilPhysicallyWhole } from '../../kit/census/physical-census.ts';
import { AdminClient } from '../../kit/clients/admin-client.ts';
import { copyDataDir } from '../../kit/cluster/copy-data-dir.ts';
import { deleteChunkFile, truncateChunk } from '../../kit/faults/chunk-damage.ts';
import { fileCluster } from '../../kit/testing/file-cluster.ts';
import { restOf } from '../../kit/testing/fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { assertAllReadBack, storeFiles } from '../../kit/workloads/stored-files.ts';
import { KiB, quick } from './quick-settings.ts';

const clusterOf = fileCluster({ ...quick, nodes: 4 });

testCase(
  'M11',
  'a node that returns with old data serves nothing that was deleted, and what is still wanted is used again',
  { cluster: 'own', phase: 2, timeoutMs: 120_000 },
  async (ctx) => {
    const cluster = await clusterOf(ctx);
    const rest = restOf(ctx, cluster);
    const kept = await storeFiles(rest, { seed: `${ctx.seed}/kept`, count: 8, sizeBytes: 90 * KiB });
    const deleted = await storeFiles(rest, { seed: `${ctx.seed}/deleted`, count: 8, sizeBytes: 90 * KiB });
    const node = ctx.choices.pick(cluster.nodes);
    const backup = join(cluster.dataDir, 'backup');

    await node.stop();
    await copyDataDir(node.dataDir, backup);
    await node.start();
    for (const { fileId } of deleted) assert.equal((await rest.delete(fileId)).status, 200);
    const later = await storeFiles(rest, { seed: `${ctx.seed}/later`, count: 8, sizeBytes: 90 * KiB });
    await untilPhysicallyWhole(cluster, { replicas: 2, withinMs: 20_000 });
    await node.kill('SIGKILL');
    await copyDataDir(backup, node.dataDir);
    await node.start();

    const { orphans } = await takePhysicalCensus(cluster);
    assert.ok(orphans.length > 0, 'the backup has brought nothing back that was deleted');
    for (const { fileId } of deleted) assert.equal((await rest.metadata(fileId)).status, 404);
    await assertAllReadBack(rest, [...kept, ...later]);
    await untilPhysicallyWhole(cluster, { replicas: 2, withinMs: 40_000 });
    await assertAllReadBack(rest, [...kept, ...later]);
  },
);

testCase(
  'M12',
  'a node that returns with a part of its data gets the rest again',
  { cluster: 'own', phase: 2 },
  async (ctx) => {
    const cluster = await clusterOf(ctx);
    const rest = restOf(ctx, cluster);
    const files = await storeFiles(rest, { seed: ctx.seed, count: 12, sizeBytes: 90 * KiB });
    const node = ctx.choices.pick(cluster.nodes);

    await node.kill('SIGKILL');
    for (let n = 0; n < 6; n++) await deleteChunkFile(node.dataDir, `${ctx.seed}/gone-${n}`).start();
    for (let n = 0; n < 3; n++) await truncateChunk(node.dataDir, `${ctx.seed}/cut-${n}`).start();
    await node.start();

    await assertAllReadBack(rest, files);
    // The census finds what is not there, by names; what is there in part is the scrub's. A round that passed over
    // the node, because it was not connected again yet, does not count.
    const admin = new AdminClient(rest);
    const { scrub: last } = await admin.repair();
    await until(
      { what: 'a round of the scrub that reaches every replica', withinMs: 20_000, pollMs: 500 },
      async () => {
        await admin.start('scrub');
        const { scrub } = await admin.repair();
        return scrub.started_at !== last.started_at && scrub.finished_at !== null && scrub.unreachable === 0;
      },
    );
    await untilPhysicallyWhole(cluster, { replicas: 2, withinMs: 30_000 });
    await assertAllReadBack(rest, files);
  },
);
