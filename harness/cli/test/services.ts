import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterFilePath, describeCluster, writeClusterFile } from '../../kit/cluster/cluster-file.ts';
import { makeNetwork, networkVariable, removeNetwork, sweepContainers } from '../../kit/cluster/containers/runtime.ts';
import type { Driver } from '../../kit/cluster/driver.ts';
import { stopOnSignal } from '../../kit/cluster/exit-guard.ts';
import { PostgresProcess } from '../../kit/cluster/managed-postgres.ts';
import { freePort } from '../../kit/cluster/ports.ts';
import { ProcessRecord } from '../../kit/cluster/process-record.ts';
import { scratchDir } from '../../kit/cluster/scratch.ts';
import { startCluster } from '../../kit/cluster/start-cluster.ts';
import { missingImages } from '../../kit/tools/containers/docker-cli.ts';
import { imageNames } from '../../kit/tools/containers/image-names.ts';
import { useEngine } from '../../kit/tools/containers/own-engine.ts';
import { Complaint } from '../complaint.ts';
import { buildProjectImages } from '../images/project-images.ts';

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
export async function startSharedCluster(
  dir: string,
  driver: Driver,
): Promise<{ clusterFile: string } & AsyncDisposable> {
  const cluster = await startCluster({ logDir: join(dir, 'logs'), driver });
  writeClusterFile(dir, describeCluster(cluster, 2));
  return { clusterFile: clusterFilePath(dir), [Symbol.asyncDispose]: () => cluster.stop() };
}

/** The engine, and the network that all containers of the run share. Gives back what the tests' processes must know. */
export async function startEngine(
  { mayInstallEngine, postgresVersion }: { readonly mayInstallEngine: boolean; readonly postgresVersion: 15 | 18 },
  services: AsyncDisposableStack,
): Promise<Record<string, string>> {
  services.use(await useEngine({ mayInstall: mayInstallEngine }));
  await sweepContainers();
  const postgres = postgresVersion === 15 ? imageNames.postgres15 : imageNames.postgres18;
  const wanted = [imageNames.node, imageNames.toxiproxy, postgres];
  const missing = await missingImages(wanted);
  if (missing.length > 0) {
    throw new Complaint(`these images are not here: ${missing.join(', ')}; make them by "npx sextant images"`);
  }
  // A verdict on images of other sources would be one on another store. On Linux what npm has installed here serves there.
  const isRebuilt = await buildProjectImages({ isOffline: process.platform === 'linux' });
  if (isRebuilt) process.stdout.write('Built the images of the gateway and the node from these sources\n');
  const network = await makeNetwork();
  process.env[networkVariable] = network;
  services.defer(() => removeNetwork(network));
  return { [networkVariable]: network };
}
