/**
 * Chunk files that no row of PostgreSQL names are planted on a disk. A failure means that disks fill with what nobody
 * needs, or, worse, that the census deletes what an upload is just about to commit or what another program keeps here.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chunkFilesOf } from '../../kit/census/physical-census.ts';
import { AdminClient } from '../../kit/clients/admin-client.ts';
import { NodeClient } from '../../kit/clients/node-client.ts';
import type { ManagedNode } from '../../kit/cluster/target.ts';
import { expectedRange } from '../../kit/seed/seeded-bytes.ts';
import { ownCluster, restOf } from '../../kit/testing/fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { ForeignUpload } from '../../kit/workloads/foreign-upload.ts';
import { orphanGraceMs, quick } from './quick-settings.ts';

const withinMs = 5 * orphanGraceMs;

testCase(
  'M16',
  'an orphan goes after the grace period and not before; what a session may claim and what is not ours stays',
  { cluster: 'own', phase: 2 },
  async (ctx) => {
    await using cluster = await ownCluster(ctx, { ...quick, nodes: 2 });
    const admin = new AdminClient(restOf(ctx, cluster));
    const node = ctx.choices.pick(cluster.nodes);
    const [orphan, claimed, foreign] = [randomUUID(), randomUUID(), 'notes-of-another-program'];
    // The row of an upload comes before its chunks, as it does in a gateway.
    await using upload = await ForeignUpload.reserve(cluster.databaseUrl, {
      chunkId: claimed,
      serverId: node.serverId,
    });
    const sinceMs = performance.now();
    for (const chunkId of [orphan, claimed, foreign]) await plant(node, chunkId, ctx.seed);

    const untilGone = async (chunkId: string) => {
      await until({ what: `${chunkId} to go`, withinMs }, async () => {
        await admin.start('census');
        return !(await isOn(node, chunkId));
      });
    };
    await untilGone(orphan);
    const afterMs = performance.now() - sinceMs;
    ctx.note(`orphan gone, with a grace period of ${orphanGraceMs} ms, after ms`, Math.round(afterMs));
    assert.ok(afterMs >= orphanGraceMs, `it was deleted after ${afterMs} ms, before the grace period was over`);
    assert.ok(await isOn(node, claimed), 'a chunk that an active session may still claim was deleted');

    await upload.expire();
    await untilGone(claimed);
    assert.ok(await isOn(node, foreign), 'a chunk of another program was deleted');
  },
);

async function plant(node: ManagedNode, chunkId: string, seed: string): Promise<void> {
  using client = new NodeClient(node.address);
  await client.putChunk({ chunkId, data: [expectedRange(`${seed}/${chunkId}`, 0, 5_000)] });
}

async function isOn(node: ManagedNode, chunkId: string): Promise<boolean> {
  for await (const file of chunkFilesOf([node])) if (file.chunkId === chunkId) return true;
  return false;
}
