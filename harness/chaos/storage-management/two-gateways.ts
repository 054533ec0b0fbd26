import assert from 'node:assert/strict';
import { AdminClient } from '../../kit/clients/admin-client.ts';
import { RestClient } from '../../kit/clients/rest-client.ts';
import type { Cluster } from '../../kit/cluster/target.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { until } from '../../kit/testing/until.ts';
import { MiB } from './quick-settings.ts';

/** The gateway that is broken works slowly, so that it is broken in the middle; the other one need not. */
export const slowly = { SEXTANT_REPAIR_BYTES_PER_SECOND: String(2 * MiB) };
export const fast = { SEXTANT_REPAIR_BYTES_PER_SECOND: String(100 * MiB) };

/** One client for each gateway. */
export function clientsOf(ctx: CaseContext, cluster: Cluster): [RestClient, RestClient] {
  const clients = cluster.gateways.map(({ rest }) => new RestClient(rest));
  ctx.defer(() => {
    for (const client of clients) client.close();
  });
  const [first, second] = clients;
  assert.ok(first && second);
  return [first, second];
}

/** Its figures are the store's, not the gateway's. */
export async function untilRepaired(rest: RestClient, chunks: number, withinMs = 30_000): Promise<void> {
  const admin = new AdminClient(rest);
  await until({ what: `${chunks} chunks to be repaired`, withinMs }, async () => {
    return (await admin.repair()).repaired_chunks >= chunks;
  });
}
