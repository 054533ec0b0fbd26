import { basename, join } from 'node:path';
import { after } from 'node:test';
import { untilCensusIsClean } from '../../kit/census/census.ts';
import { MetadataTables } from '../../kit/census/metadata-tables.ts';
import { RestClient } from '../../kit/clients/rest-client.ts';
import { type ClusterOptions, startCluster } from '../../kit/cluster/start-cluster.ts';
import type { Cluster } from '../../kit/cluster/target.ts';
import { runSettings } from '../../kit/testing/run-settings.ts';
import { until } from '../../kit/testing/until.ts';
import type { Ledger } from '../../kit/workloads/ledger.ts';
import { assertKept, type LedgerVerdict, verifyLedger } from '../../kit/workloads/verify-ledger.ts';

export const MiB = 1024 * 1024;
const replicas = 2;
export const needs = ['processes', 'database', 'disks'] as const;

/** Of an upload whose gateway is gone. Long enough that a busy machine renews in time what is alive. */
export const leaseMs = 3_000;
/** Silence of a client that ends its upload. */
export const bodyIdleMs = 2_500;

export const hastyNodeSettings = { SEXTANT_NODE_HEARTBEAT_INTERVAL_MS: '1000' };

/** What takes minutes in a store at work takes seconds here; the rules are the same. */
export const hasty: ClusterOptions = {
  replicas,
  gatewaySettings: {
    SEXTANT_SESSION_LEASE_MS: String(leaseMs),
    SEXTANT_CLEANUP_INTERVAL_MS: '500',
    SEXTANT_WORK_LEASE_MS: '1000',
    SEXTANT_BODY_IDLE_TIMEOUT_MS: String(bodyIdleMs),
    SEXTANT_INACTIVE_AFTER_MS: '4000',
    SEXTANT_RING_REFRESH_MS: '1000',
    SEXTANT_POSTGRES_POOL_MIN: '2',
  },
  nodeSettings: hastyNodeSettings,
};

/**
 * A store that the cases of one file share, one after another, because starting it takes longer than most of them.
 * Each breaks it, and gets it back whole. Call it at the top of a file: the store stops with the file.
 */
export function breakableStore(options: ClusterOptions | (() => Promise<ClusterOptions>) = {}): () => Promise<Cluster> {
  let started: Promise<Cluster> | undefined;
  after(async () => (await started)?.stop());
  return async () => {
    started ??= start(typeof options === 'function' ? await options() : options);
    const cluster = await started;
    await heal(cluster);
    return cluster;
  };
}

function start(options: ClusterOptions): Promise<Cluster> {
  return startCluster({ logDir: fileLogDir(), ...hasty, ...options });
}

/** Of the test file: its store outlives the cases, and so do the logs. */
export function fileLogDir(): string {
  return join(runSettings.logDir, 'chaos', basename(process.argv[1] ?? 'store', '.test.ts'));
}

/** Whatever is stopped or dead runs again, and the gateways see every node. */
export async function heal(cluster: Cluster): Promise<void> {
  for (const one of [cluster.postgres, ...cluster.nodes, ...cluster.gateways]) await one.kill('SIGCONT');
  await cluster.startAll();
  for (const gateway of cluster.gateways) await untilNodesAreSeen(gateway.rest, cluster.nodes.length);
}

async function untilNodesAreSeen(rest: URL, nodes: number): Promise<void> {
  using client = new RestClient(rest);
  await until({ what: `${rest.host} to see ${nodes} nodes`, withinMs: 20_000 }, async () => {
    return (await client.health()).body.storage_servers >= nodes;
  });
}

/** Everything that was promised holds, and nothing is left of what was not: no row, no chunk, no unfinished file. */
export async function assertPromisesKept(cluster: Cluster, ledger: Ledger, withinMs = 30_000): Promise<LedgerVerdict> {
  await untilNothingIsLeft(cluster, withinMs);
  using rest = new RestClient(cluster.rest);
  const verdict = await verifyLedger(ledger, rest);
  assertKept(verdict);
  return verdict;
}

async function untilNothingIsLeft(cluster: Cluster, withinMs: number): Promise<void> {
  await untilCensusIsClean(cluster, { replicas, withinMs });
  await using tables = await MetadataTables.connect(cluster.databaseUrl);
  const what = 'the queue of deletions to be empty';
  await until({ what, withinMs }, async () => (await tables.queuedDeletions()) === 0);
}
