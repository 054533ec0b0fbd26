import { resolve } from 'node:path';
import { claimDataDir } from './claim-data-dir.ts';
import type { ClusterPorts } from './cluster-ports.ts';
import { chosenDriver, type Driver } from './driver.ts';
import { ProcessCluster } from './process-cluster.ts';
import { ProcessRecord } from './process-record.ts';
import type { EntryPoints } from './repository.ts';
import { scratchDir } from './scratch.ts';
import type { Cluster, Exit, Settings } from './target.ts';

export interface ClusterOptions {
  /** Default 6. Over existing data all that have data start in any case, and by default only those. */
  readonly nodes?: number;
  /** Default 2. */
  readonly replicas?: number;
  /** Default 1. */
  readonly gateways?: number;
  /** Default: a scratch folder, which is removed with the cluster. */
  readonly dataDir?: string;
  /** Default `<dataDir>/logs`. */
  readonly logDir?: string;
  /** The data will be thrown away: PostgreSQL does not flush. Default: true for a scratch folder. The nodes always flush. */
  readonly ephemeral?: boolean;
  /** Remove the data folder when the cluster stops. Default: true for a scratch folder. */
  readonly removeDataAtEnd?: boolean;
  /** What is not named takes free ports. */
  readonly ports?: Partial<ClusterPorts>;
  /** For every gateway and node; the two below come on top. */
  readonly settings?: Settings;
  readonly gatewaySettings?: Settings;
  /** By index from 0, or one for all. */
  readonly nodeSettings?: Settings | ((index: number) => Settings);
  /** For single gateways and nodes, by name; on top of all others. Also for those that join later. */
  readonly processSettings?: (name: string) => Settings;
  /** Default `<dataDir>/nodes/node-<n>`; for a node on a small filesystem of its own. */
  readonly nodeDataDir?: (index: number) => string | undefined;
  /** Leads connections through something in between; see kit/faults/network. */
  readonly links?: Links;
  readonly entryPoints?: EntryPoints;
  /** Default: what the run asks for, and else processes. */
  readonly driver?: Driver;
  readonly onProgress?: (event: ProgressEvent) => void;
  /** A process ended although nobody asked for it. */
  readonly onUnexpectedExit?: (name: string, exit: Exit) => void;
}

/** For the address of a part, host:port, the one that the others dial instead. */
export interface Links {
  readonly toNode: (address: string, index: number) => Promise<string>;
  readonly toPostgres: (address: string) => Promise<string>;
  /** For a node that announces itself to a gateway; without it nodes dial the gateways directly. */
  readonly toGateway?: (address: string, gateway: string, node: string) => Promise<string>;
}

/** What a node that joins a running cluster is started with. */
export interface NewNode {
  /** On top of the settings that every node of the cluster has. */
  readonly settings?: Settings;
  /** A data folder whose copy it gets, such as that of another node, of another cluster, or an older one of itself. */
  readonly copiedFrom?: string;
}

export interface ProgressEvent {
  readonly part: string;
  readonly state: 'starting' | 'ready' | 'stopping' | 'stopped';
  /** Since `starting` or `stopping`. */
  readonly afterMs: number;
}

/** Resolves when the gateways take requests. On failure everything is stopped again. Throws StartFailed. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const isScratch = options.dataDir === undefined;
  const dataDir = resolve(options.dataDir ?? (await scratchDir('cluster')));
  await claimDataDir(dataDir);
  const cluster = await ProcessCluster.plan({
    driver: chosenDriver(),
    removeDataAtEnd: isScratch,
    ephemeral: isScratch,
    ...options,
    dataDir,
  }).catch((error) => {
    new ProcessRecord(dataDir).clear();
    throw error;
  });
  try {
    await cluster.startAll();
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
}
