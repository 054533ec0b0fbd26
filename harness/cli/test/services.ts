import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterFilePath, describeCluster, writeClusterFile } from '../../kit/cluster/cluster-file.ts';
import { stopOnSignal } from '../../kit/cluster/exit-guard.ts';
import { PostgresProcess } from '../../kit/cluster/managed-postgres.ts';
import { freePort } from '../../kit/cluster/ports.ts';
import { ProcessRecord } from '../../kit/cluster/process-record.ts';
import { scratchDir } from '../../kit/cluster/scratch.ts';
import { startCluster } from '../../kit/cluster/start-cluster.ts';

/** Where unit tests of the metadata find a server on which they may create databases. */
export const testPostgresVariable = 'SEXTANT_TEST_POSTGRES_URL';

/** A PostgreSQL whose data nobody keeps, with a superuser, and its URL. */
export async function startTestPostgres(): Promise<{ url: string } & AsyncDisposable> {
  const dir = await scratchDir('postgres');
  const record = new ProcessRecord(dir);
  const postgres = new PostgresProcess({
    dataDir: join(dir, 'postgres'),
    port: await freePort(),
    logFile: join(dir, 'postgres.log'),
    durable: false,
    onSpawn: (name, pid) => record.add(name, pid),
  });
  const stop = async () => {
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  };
  const forgetStopper = stopOnSignal(stop);
  await postgres.start();
  return {
    url: postgres.url,
    [Symbol.asyncDispose]: async () => {
      forgetStopper();
      await stop();
    },
  };
}

/** The cluster that cases share, its cluster.json and its logs in `dir`. */
export async function startSharedCluster(dir: string): Promise<{ clusterFile: string } & AsyncDisposable> {
  const cluster = await startCluster({ logDir: join(dir, 'logs') });
  writeClusterFile(dir, describeCluster(cluster, 2));
  return { clusterFile: clusterFilePath(dir), [Symbol.asyncDispose]: () => cluster.stop() };
}
