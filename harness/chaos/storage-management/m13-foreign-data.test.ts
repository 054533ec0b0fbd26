/**
 * Nodes that must not be taken: one whose data belongs to another cluster, and one that claims the id of a node that is
 * at work. A failure means that a mistake with a disk mixes two clusters, or makes two disks look like one.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { untilPhysicallyWhole } from '../../kit/census/physical-census.ts';
import { AdminClient } from '../../kit/clients/admin-client.ts';
import { RestClient } from '../../kit/clients/rest-client.ts';
import type { ManagedProcess } from '../../kit/cluster/target.ts';
import { fileCluster } from '../../kit/testing/file-cluster.ts';
import { ownCluster, restOf } from '../../kit/testing/fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { assertAllReadBack, storeFiles } from '../../kit/workloads/stored-files.ts';
import { KiB, quick } from './quick-settings.ts';

const clusterOf = fileCluster({ ...quick, nodes: 3 });

testCase(
  'M13',
  "a node with another cluster's data is refused by name, and serves neither",
  { cluster: 'own', phase: 2 },
  async (ctx) => {
    const cluster = await clusterOf(ctx);
    const rest = restOf(ctx, cluster);
    const admin = new AdminClient(rest);
    const foreign = await otherClustersNode();
    const files = await storeFiles(rest, { seed: ctx.seed, count: 4, sizeBytes: 60 * KiB });

    const stranger = await cluster.addNode({ copiedFrom: foreign.dataDir });

    assert.match(await untilRefused(stranger), new RegExp(`${foreign.serverId}.*another cluster|belongs to cluster`));
    const ids = (await admin.servers()).map(({ server_id }) => server_id);
    assert.ok(!ids.includes(foreign.serverId), `${foreign.serverId} is listed among ${ids}`);
    await cluster.removeNode(stranger);
    await assertAllReadBack(rest, files);
    await untilPhysicallyWhole(cluster, { replicas: 2, withinMs: 20_000 });

    /** A folder of a node that was in use elsewhere; the other cluster has ended. */
    async function otherClustersNode(): Promise<{ serverId: string; dataDir: string }> {
      const dataDir = join(cluster.dataDir, 'other-cluster');
      await using other = await ownCluster(ctx, { ...quick, nodes: 1, replicas: 1, dataDir, ephemeral: true });
      using otherRest = new RestClient(other.rest);
      await storeFiles(otherRest, { seed: `${ctx.seed}/other`, count: 2, sizeBytes: 60 * KiB });
      const [node] = other.nodes;
      assert.ok(node);
      await untilInLog(node, 'the gateway knows this node');
      return { serverId: node.serverId, dataDir: node.dataDir };
    }
  },
);

testCase(
  'M14',
  'of two nodes that claim one id the second is refused by name, and the first goes on',
  { cluster: 'own', phase: 2 },
  async (ctx) => {
    const cluster = await clusterOf(ctx);
    const rest = restOf(ctx, cluster);
    const admin = new AdminClient(rest);
    const files = await storeFiles(rest, { seed: ctx.seed, count: 4, sizeBytes: 60 * KiB });
    const first = ctx.choices.pick(cluster.nodes);

    const second = await cluster.addNode({ copiedFrom: first.dataDir });

    const said = await untilRefused(second);
    assert.ok(said.includes(first.serverId) && said.includes(first.advertised), said);
    const server = await admin.server(first.serverId);
    assert.deepEqual([server.status, server.grpc_address], ['active', first.advertised]);
    await assertAllReadBack(rest, files);
    await storeFiles(rest, { seed: `${ctx.seed}/more`, count: 4, sizeBytes: 60 * KiB });
    await cluster.removeNode(second);
    await untilPhysicallyWhole(cluster, { replicas: 2, withinMs: 20_000 });
  },
);

/** Gives back the line of the node's own log that tells its operator. */
function untilRefused(node: ManagedProcess): Promise<string> {
  return untilInLog(node, 'the gateway refuses this node');
}

function untilInLog({ name, logFile }: ManagedProcess, words: string): Promise<string> {
  return until({ what: `"${words}" in the log of ${name}`, withinMs: 15_000 }, async () => {
    return (await readFile(logFile, 'utf8')).split('\n').find((line) => line.includes(words));
  });
}
