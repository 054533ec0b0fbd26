/**
 * Leads every connection through Toxiproxy: client to gateway, gateway to nodes, nodes to gateway, gateway to
 * PostgreSQL. A failure means that a link does not lead where its name says, so that faults on it show nothing.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { AdminClient } from '../kit/clients/admin-client.ts';
import { RestClient } from '../kit/clients/rest-client.ts';
import { during } from '../kit/faults/fault.ts';
import { latency } from '../kit/faults/network/latency.ts';
import type { Link } from '../kit/faults/network/link.ts';
import { ProxiedLinks } from '../kit/faults/network/proxied-links.ts';
import { refusal } from '../kit/faults/network/refusal.ts';
import { ownCluster } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { until } from '../kit/testing/until.ts';
import { sendFile, storeFile } from '../kit/workloads/seeded-file.ts';

const delayMs = 400;
const KiB = 1024;

testCase(
  'N5',
  'a delay on each link, and only there, is felt by an upload; without the nodes’ link to it a gateway misses them',
  { cluster: 'own', phase: 2, needs: ['own cluster', 'nodes'], timeoutMs: 180_000 },
  async (ctx) => {
    await using proxied = await ProxiedLinks.start(join(ctx.newLogDir('toxiproxy'), 'toxiproxy.log'));
    const settings = { SEXTANT_NODE_HEARTBEAT_INTERVAL_MS: '500', SEXTANT_INACTIVE_AFTER_MS: '3000' };
    await using cluster = await ownCluster(ctx, { links: proxied.links, settings });
    const front = await proxied.before('client -> gateway', (cluster.gateways[0] as { address: string }).address);
    const base = new URL(cluster.rest);
    base.host = front.address;
    using rest = new RestClient(base);
    const uploadMs = async (seed: string) => {
      const beganAtMs = performance.now();
      await storeFile(rest, { seed: `${ctx.seed}/${seed}`, filename: seed, sizeBytes: 300 * KiB });
      return performance.now() - beganAtMs;
    };
    await uploadMs('warm');
    assert.ok((await uploadMs('undisturbed')) < delayMs, 'undisturbed uploads take longer than the delay');

    for (const link of [front, proxied.postgres, ...proxied.nodes.slice(0, 1)]) {
      assert.ok(
        (await during(latency(link, delayMs), () => uploadMs(link.name))) >= delayMs,
        `${link.name} is not felt`,
      );
    }
    const [heartbeats] = proxied.named('node-1 -> gateway-1');
    await during(refusal(heartbeats as Link), async () => {
      await until({ what: 'the gateway to miss that node, and no other', withinMs: 30_000 }, async () => {
        const servers = await new AdminClient(rest).servers();
        return servers.filter(({ status }) => status === 'inactive').length === 1;
      });
    });
    await until({ what: 'uploads to succeed again', withinMs: 30_000 }, async () => {
      return (await sendFile(rest, { seed: ctx.seed, filename: 'after', sizeBytes: 10 })).status === 201;
    });
  },
);
