import assert from 'node:assert/strict';
import { RestClient } from '../../kit/clients/rest-client.ts';
import type { Cluster } from '../../kit/cluster/target.ts';
import { Choices } from '../../kit/seed/choices.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { ownCluster } from '../../kit/testing/fixtures.ts';
import { Ledger, type LedgerEntry } from '../../kit/workloads/ledger.ts';
import { RecordedClient } from '../../kit/workloads/recorded-client.ts';

/** The store that is broken at one phase after the other, and what it owes from before. */
export interface World extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly choices: Choices;
  /** Files that are stored before anything is broken, and that nobody deletes. */
  readonly shelf: Ledger;
}

export const replicas = 2;
const MiB = 1024 * 1024;
const shelfFiles = 6;

/** Everything that waits for its time in a store that people use comes soon here. */
const settings = {
  SEXTANT_SESSION_LEASE_MS: '1500',
  SEXTANT_CLEANUP_INTERVAL_MS: '300',
  SEXTANT_WORK_LEASE_MS: '1000',
  SEXTANT_INACTIVE_AFTER_MS: '3000',
  SEXTANT_RING_REFRESH_MS: '500',
  SEXTANT_REPAIR_INTERVAL_MS: '1000',
  SEXTANT_CENSUS_INTERVAL_MS: '2000',
  SEXTANT_ORPHAN_GRACE_MS: '2000',
  SEXTANT_NODE_HEARTBEAT_INTERVAL_MS: '500',
  SEXTANT_SHUTDOWN_DEADLINE_MS: '1000',
  SEXTANT_POSTGRES_POOL_MIN: '4',
  SEXTANT_POSTGRES_POOL_MAX: '20',
};

/** Two gateways and six nodes. */
export async function openWorld(ctx: CaseContext, more: Readonly<Record<string, string>> = {}): Promise<World> {
  const cluster = await ownCluster(ctx, { gateways: 2, replicas, settings: { ...settings, ...more } });
  const choices = new Choices(ctx.seed);
  const shelf = new Ledger(`shelf-${ctx.seed.replaceAll('/', '-')}`);
  using rest = new RestClient(cluster.rest);
  const client = new RecordedClient(shelf, rest, { name: 'shelf' });
  for (let n = 0; n < shelfFiles; n++) await client.upload(shelf.newFile(choices.int(1, 3 * MiB)));
  return { cluster, choices, shelf, [Symbol.asyncDispose]: () => cluster.stop() };
}

export function shelved({ shelf }: World): readonly LedgerEntry[] {
  return [...shelf.entries];
}

const filesPerPage = 100;
/** More than the loads of all interruptions between two counts leave. */
const pagesMax = 100;

/**
 * Deletes the files that interruptions have left, once they are read back and counted. A store that grew with every
 * interruption would make each scrub, count and drain longer than the one before.
 */
export async function deleteAllButShelf({ cluster, shelf }: World): Promise<void> {
  using rest = new RestClient(cluster.rest);
  const doomed: string[] = [];
  for (let page = 1, total = 1; (page - 1) * filesPerPage < total; page++) {
    assert.ok(page <= pagesMax, `${total} files are more than any load leaves`);
    const { status, body } = await rest.list({ page, perPage: filesPerPage });
    assert.equal(status, 200);
    total = body.total;
    doomed.push(...body.files.filter(({ filename }) => !shelf.entryOf(filename)).map(({ file_id }) => file_id));
  }
  for (const fileId of doomed) assert.equal((await rest.delete(fileId)).status, 200, `the delete of ${fileId}`);
}
