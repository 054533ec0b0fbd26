import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from './target.ts';

/**
 * cluster.json in the data folder: where everything is, for other programs. Null is what does not exist yet.
 * Mode 0600, because the database's password and the root key are in it.
 */
export interface ClusterFile {
  readonly rest: string;
  readonly s3: string;
  readonly console: string | null;
  readonly metrics: string;
  readonly postgres: string;
  readonly nodes: readonly ClusterFileNode[];
  /** Of the S3 root account. REST is open, on loopback only. */
  readonly credentials: { readonly access_key: string; readonly secret_key: string };
  /** Of the process that runs it all. */
  readonly pid: number;
  readonly gateways: readonly ClusterFileGateway[];
  readonly replicas: number;
  readonly started_at: string;
}

export interface ClusterFileGateway {
  readonly rest: string;
  readonly s3: string;
  readonly pid: number | null;
  readonly log: string;
}

export interface ClusterFileNode {
  readonly server_id: string;
  readonly address: string;
  readonly data_dir: string;
  readonly pid: number | null;
  readonly log: string;
}

export function clusterFilePath(dataDir: string): string {
  return join(dataDir, 'cluster.json');
}

export function describeCluster(cluster: Cluster, replicas: number): ClusterFile {
  return {
    rest: withoutSlash(cluster.rest),
    s3: cluster.s3.origin,
    console: null,
    metrics: new URL('/metrics', cluster.rest).href,
    postgres: cluster.databaseUrl,
    nodes: cluster.nodes.map(({ serverId, address, dataDir, pid, logFile }) => ({
      server_id: serverId,
      address,
      data_dir: dataDir,
      pid,
      log: logFile,
    })),
    credentials: { access_key: cluster.credentials.accessKey, secret_key: cluster.credentials.secretKey },
    pid: process.pid,
    gateways: cluster.gateways.map(({ rest, s3, pid, logFile }) => ({
      rest: rest.origin,
      s3: s3.origin,
      pid,
      log: logFile,
    })),
    replicas,
    started_at: new Date().toISOString(),
  };
}

/** With the key that REST asks for, where it does. */
function withoutSlash(url: URL): string {
  return url.href.replace(/\/$/, '');
}

export function writeClusterFile(dataDir: string, content: ClusterFile): void {
  const file = clusterFilePath(dataDir);
  // Whoever reads it sees a whole file, and nobody ever sees it with a wider mode.
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Null when there is none. */
export function readClusterFile(dataDir: string): ClusterFile | null {
  try {
    return JSON.parse(readFileSync(clusterFilePath(dataDir), 'utf8'));
  } catch {
    return null;
  }
}

export function removeClusterFile(dataDir: string): void {
  rmSync(clusterFilePath(dataDir), { force: true });
}
