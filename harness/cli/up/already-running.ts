import { type ClusterFile, readClusterFile } from '../../kit/cluster/cluster-file.ts';
import { livingHarness } from '../../kit/cluster/process-record.ts';

/** What runs over a data folder is known once it is ready; null before, also where an earlier start has left its file. */
export function readyCluster(dataDir: string, harness: { readonly pid: number } | undefined): ClusterFile | null {
  const cluster = readClusterFile(dataDir);
  return cluster?.pid === harness?.pid ? cluster : null;
}

/** The sentence that says who works on this data folder and where; null when nobody does. */
export function alreadyRunning(dataDir: string): string | null {
  const living = livingHarness(dataDir);
  if (living === undefined || living.pid === process.pid) return null;
  const cluster = readyCluster(dataDir, living);
  const where = cluster === null ? 'it is still starting' : `REST at ${cluster.rest}, S3 at ${cluster.s3}`;
  return `Sextant runs on ${dataDir} already: ${where}, process ${living.pid}. Stop it with: ${downCommandFor(dataDir)}`;
}

/** The command that stops what runs over this data folder, as the user would type it. */
export function downCommandFor(dataDir: string, defaultDir?: string): string {
  return dataDir === defaultDir ? 'npx sextant down' : `npx sextant down --data-dir ${dataDir}`;
}
