/**
 * Drains that do not go to their end by themselves: the node dies in the middle, the operator changes his mind, too few
 * servers would be left. A failure means that taking a machine away is only safe when nothing goes wrong meanwhile.
 */
import assert from 'node:assert/strict';
import { untilPhysicallyWhole } from '../../kit/census/physical-census.ts';
import { AdminClient } from '../../kit/clients/admin-client.ts';
import type { RestClient } from '../../kit/clients/rest-client.ts';
import type { Cluster, ManagedNode } from '../../kit/cluster/target.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { fileCluster } from '../../kit/testing/file-cluster.ts';
import { restOf } from '../../kit/testing/fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { assertAllReadBack, type StoredFile, storeFiles } from '../../kit/workloads/stored-files.ts';
import { MiB, quickBut } from './quick-settings.ts';

const withinMs = 30_000;
/** Several times as long as a round of the job and the notice that a drain gives. */
const stuckForMs = 4_000;
/** Slow enough that a drain of some MiB is seen in the middle. */
const slowly = quickBut({ SEXTANT_REPAIR_BYTES_PER_SECOND: String(4 * MiB) });

const clusterOf = fileCluster({ ...slowly, nodes: 4 });
/** Of M5b, since one server is gone when it is over. */
const anotherClusterOf = fileCluster({ ...slowly, nodes: 4 });

testCase(
  'M5',
  'a node that is killed in the middle of its drain takes nothing along, and ends removed',
  { cluster: 'own', phase: 2, timeoutMs: 120_000 },
  async (ctx) => {
    const cluster = await clusterOf(ctx);
    const { rest, admin, files, node } = await drainUnderWay(ctx, cluster);

    await node.kill('SIGKILL');

    await assertAllReadBack(rest, files);
    await untilRemovedEmpty(admin, node);
    const staying = cluster.nodes.filter((other) => other !== node);
    await untilPhysicallyWhole(cluster, { replicas: 2, withinMs, nodes: staying });
    await cluster.removeNode(node);
    await assertAllReadBack(rest, files);
  },
);

testCase(
  'M5b',
  'a drain that finds no server for what is left waits for one, however long, and takes nothing along',
  { cluster: 'own', phase: 2, timeoutMs: 120_000 },
  async (ctx) => {
    const cluster = await anotherClusterOf(ctx);
    const { rest, admin, files, node } = await drainUnderWay(ctx, cluster);
    const staying = cluster.nodes.filter((other) => other !== node);
    const away = ctx.choices.shuffle(staying).slice(1);

    await Promise.all(away.map((other) => other.kill('SIGKILL')));

    const startedAtMs = performance.now();
    const seen = new Set<string | undefined>();
    await until({ what: 'several rounds of the job to be over', withinMs }, async () => {
      seen.add(await admin.statusOf(node.serverId));
      return performance.now() - startedAtMs > stuckForMs;
    });
    assert.deepEqual([...seen], ['draining'], 'what it holds has no other place yet');
    await Promise.all(away.map((other) => other.start()));
    await untilRemovedEmpty(admin, node);
    await untilPhysicallyWhole(cluster, { replicas: 2, withinMs, nodes: staying });
    await assertAllReadBack(rest, files);
  },
);

testCase(
  'M6',
  'a drain that is cancelled leaves an active server, and every chunk its replicas',
  { cluster: 'own', phase: 2, timeoutMs: 120_000 },
  async (ctx) => {
    const cluster = await clusterOf(ctx);
    const { rest, admin, files, node } = await drainUnderWay(ctx, cluster);

    assert.equal((await admin.activate(node.serverId)).body.status, 'active');

    const server = await admin.server(node.serverId);
    assert.deepEqual([server.status, server.drain], ['active', null]);
    assert.ok(server.replicas > 0, 'what it still had stays');
    await untilPhysicallyWhole(cluster, { replicas: 2, withinMs });
    await assertAllReadBack(rest, files);
  },
);

testCase(
  'M7',
  'a drain is refused, with the reason, when too few servers would be left; asking twice is one drain',
  { cluster: 'own', phase: 2 },
  async (ctx) => {
    const cluster = await clusterOf(ctx);
    const { rest, admin, files, node } = await drainUnderWay(ctx, cluster);
    const [last, another, ...more] = cluster.nodes.filter((other) => other !== node);
    assert.ok(last && another);
    for (const { serverId } of more) assert.equal((await admin.drain(serverId)).status, 202);

    const refused = await admin.drain(another.serverId);
    const again = await admin.drain(node.serverId);
    const unknown = await admin.drain('no-such-server');

    assert.deepEqual([refused.status, again.status, unknown.status], [409, 202, 404]);
    assert.match(refused.error?.error ?? '', /replicas|servers/, 'the sentence says what is missing');
    assert.equal(await admin.statusOf(another.serverId), 'active');
    await assertAllReadBack(rest, files);
    for (const { serverId } of [node, ...more]) await admin.activate(serverId);
    await untilPhysicallyWhole(cluster, { replicas: 2, withinMs });
  },
);

async function untilRemovedEmpty(admin: AdminClient, node: ManagedNode): Promise<void> {
  let replicasLeft = Number.NaN;
  await until({ what: `${node.name} to be removed`, withinMs, pollMs: 20 }, async () => {
    const { status, replicas } = await admin.server(node.serverId);
    replicasLeft = replicas;
    return status === 'removed';
  });
  assert.equal(replicasLeft, 0, 'it was removed while replicas on it were still needed');
}

interface Drain {
  readonly rest: RestClient;
  readonly admin: AdminClient;
  readonly files: readonly StoredFile[];
  readonly node: ManagedNode;
}

/** A store with some files, in which a node that the seed chooses has given away a part of what it had. */
async function drainUnderWay(ctx: CaseContext, cluster: Cluster): Promise<Drain> {
  const rest = restOf(ctx, cluster);
  const admin = new AdminClient(rest);
  const files = await storeFiles(rest, { seed: ctx.seed, count: 16, sizeBytes: MiB });
  ctx.defer(async () => {
    for (const { fileId } of files) await rest.delete(fileId);
  });
  const node = ctx.choices.pick(cluster.nodes);
  const before = await admin.server(node.serverId);
  const answer = await admin.drain(node.serverId);
  assert.deepEqual([answer.status, answer.body.status], [202, 'draining'], answer.text);
  await until({ what: `${node.name} to have given something away`, withinMs, pollMs: 20 }, async () => {
    const { drain } = await admin.server(node.serverId);
    assert.ok(drain !== null && drain.replicas_left > 0, 'the drain was over before it was seen');
    return drain.replicas_left < before.replicas;
  });
  return { rest, admin, files, node };
}
