/**
 * Starts and stops every fault of the catalogue once, on a real cluster with a client at work, one after the other. A failure
 * means that a fault does not do what it says, that it is not mended by its end, or that the store does not get over it.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { AdminClient } from '../../kit/clients/admin-client.ts';
import { RestClient } from '../../kit/clients/rest-client.ts';
import type { Cluster } from '../../kit/cluster/target.ts';
import type { PlannedFault } from '../../kit/experiment/plan.ts';
import { catalogue, faultOf, settingsOf } from '../../kit/faults/catalogue.ts';
import { during, type Fault } from '../../kit/faults/fault.ts';
import { ProxiedLinks } from '../../kit/faults/network/proxied-links.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { ownCluster, restOf } from '../../kit/testing/fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { type SeededFile, sendFile } from '../../kit/workloads/seeded-file.ts';
import { assertAllReadBack, type StoredFile } from '../../kit/workloads/stored-files.ts';

const fileBytes = 600_000;
/** How long a client waits while something is broken: long enough to meet the fault, not to get over it. */
const patienceMs = 1_000;
const strikesWithinMs = 20_000;
const servesAgainWithinMs = 20_000;
/** Longer than what a gateway that is killed had claimed or begun on the node stays its own. */
const drainedWithinMs = 60_000;

/** All damage hits the same node, as two replicas allow it; it is the one that is drained at the end. */
const victims = {
  node: 'node-2',
  gateway: 'gateway-1',
  postgres: 'postgres',
  cluster: 'cluster',
  'link:gateway->node': 'gateway -> node-2',
  'link:client->gateway': 'client -> gateway-1',
  'link:gateway->postgres': 'gateway -> postgres',
  'link:node->gateway': 'node-2 -> gateway-1',
} as const;

testCase(
  'X10',
  'every fault of the catalogue starts, breaks and ends, and the store serves again after each',
  // Toxiproxy may have to be built.
  { cluster: 'own', phase: 3, timeoutMs: 480_000, needs: ['processes', 'database', 'disks'] },
  async (ctx) => {
    const planned = oneOfEach(ctx);
    const controlDir = join(ctx.newLogDir('control'));
    await using proxied = await ProxiedLinks.start(join(ctx.newLogDir('toxiproxy'), 'toxiproxy.log'));
    await using cluster = await ownCluster(ctx, {
      nodes: 5,
      // A PostgreSQL that does not flush may forget what it acknowledged.
      ephemeral: false,
      links: proxied.links,
      processSettings: settingsOf(planned, controlDir),
      gatewaySettings: {
        SEXTANT_INACTIVE_AFTER_MS: '3000',
        SEXTANT_RING_REFRESH_MS: '500',
        SEXTANT_REPAIR_INTERVAL_MS: '500',
        SEXTANT_CLEANUP_INTERVAL_MS: '1000',
        SEXTANT_SESSION_LEASE_MS: '5000',
        SEXTANT_WORK_LEASE_MS: '20000',
      },
      nodeSettings: { SEXTANT_NODE_HEARTBEAT_INTERVAL_MS: '300' },
    });
    const { rest: clientsDial } = await proxied.toClients(cluster.gateways[0] ?? assert.fail());
    const direct = restOf(ctx, cluster);
    const stored = [await untilServed(direct, `${ctx.seed}/first`, 'its start')];
    const drained = cluster.nodes.find(({ name }) => name === victims.node)?.serverId ?? assert.fail();
    const world = { cluster, links: proxied, choices: ctx.choices, controlDir };
    for (const one of planned) {
      const fault = faultOf(one, world);
      const sinceMs = performance.now();
      let met = '';
      await during(fault, async () => {
        // A connection of its own, so that it meets the links as they are now.
        using client = new RestClient(clientsDial);
        met = await meet(client, `${ctx.seed}/${one.id}/meanwhile`, stored);
        await untilStruck(fault, () => meet(client, `${ctx.seed}/${one.id}/more`, stored));
        if (one.name === 'drain') await untilRemoved(direct, drained);
      });
      stored.push(await untilServed(direct, `${ctx.seed}/${one.id}/after`, fault.describe()));
      ctx.note(`${fault.describe()} (${met})`, `${Math.round(performance.now() - sinceMs)} ms`);
    }
    await assertAllReadBack(direct, stored);
    assert.equal(
      cluster.nodes.some(({ name }) => name === victims.node),
      false,
      'the drained node is still there',
    );
    await assertAllServe(cluster, ctx.seed);
  },
);

/** In the order of the catalogue: what changes the cluster for good comes last. */
function oneOfEach(ctx: CaseContext): PlannedFault[] {
  return catalogue.map(({ name, on, parameters, isInstant }) => {
    const drawn = parameters(ctx.choices.fork(name));
    return {
      id: name,
      name,
      on: victims[ctx.choices.pick(on)],
      // Some of few files may be none.
      parameters: { ...drawn, ...(name === 'disk-read-error' && { perCent: 100 }) },
      atMs: 0,
      forMs: isInstant ? 0 : 1,
    };
  });
}

/** A client stores a file and reads all, so that every node is asked for something. Whatever it gets, within its patience. */
async function meet(client: RestClient, seed: string, stored: readonly StoredFile[]): Promise<string> {
  const answers = await Promise.allSettled([
    sendFile(client, fileOf(seed), { signal: AbortSignal.timeout(patienceMs) }),
    ...stored.map(({ fileId }) => client.downloadHashed(fileId, { signal: AbortSignal.timeout(patienceMs) })),
  ]);
  const told = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.status : 'no answer'));
  return [...new Set(told)].join(', ');
}

/** Of a fault that says how often it struck: on a busy machine the patience of clients may end before it is met. */
async function untilStruck(fault: Fault, meetAgain: () => Promise<unknown>): Promise<void> {
  const hasStruck = () => !/\(0 \w+ so far\)|locked 0 times/.test(fault.describe());
  await until({ what: `"${fault.describe()}" to strike`, withinMs: strikesWithinMs }, async () => {
    if (!hasStruck()) await meetAgain();
    return hasStruck();
  });
}

async function untilRemoved(rest: RestClient, serverId: string): Promise<void> {
  await until({ what: 'the drained node to be removed', withinMs: drainedWithinMs }, async () => {
    return (await new AdminClient(rest).statusOf(serverId)) === 'removed';
  });
}

async function untilServed(rest: RestClient, seed: string, after: string): Promise<StoredFile> {
  const file = fileOf(seed);
  return await until(
    { what: `the store to take a file and give it back after: ${after}`, withinMs: servesAgainWithinMs },
    async () => {
      const signal = AbortSignal.timeout(servesAgainWithinMs);
      const { status, body } = await sendFile(rest, file, { signal });
      assert.equal(status, 201);
      const stored = { ...file, fileId: body.file_id };
      await assertAllReadBack(rest, [stored]);
      return stored;
    },
  );
}

function fileOf(seed: string): SeededFile {
  return { seed, filename: seed.replaceAll('/', '-'), sizeBytes: fileBytes };
}

async function assertAllServe(cluster: Cluster, seed: string): Promise<void> {
  await cluster.startAll();
  for (const { name, rest } of cluster.gateways) {
    using client = new RestClient(rest);
    await untilServed(client, `${seed}/${name}`, 'everything');
  }
}
