import { cpuSeconds, peakRssBytes } from '../../kit/cluster/process-facts.ts';
import type { Cluster, ManagedProcess, S3Credentials } from '../../kit/cluster/target.ts';
import type { EndpointOptions } from './options.ts';

/** A store under measurement: ours, or whatever else speaks S3. */
export interface S3Store {
  /** Ends the keys of its figures: `r2`. */
  readonly key: string;
  /** Begins their labels: `R=2`. */
  readonly label: string;
  readonly s3: URL;
  readonly credentials: S3Credentials;
  readonly parts: Readonly<Record<StorePart, readonly WatchedProcess[]>>;
}

export type StorePart = 'gateway' | 'nodes';
export type WatchedProcess = Pick<ManagedProcess, 'cpuSeconds' | 'peakRssBytes'>;

export function ourStore({ s3, credentials, gateways, nodes }: Cluster, replicas: number): S3Store {
  return { key: `r${replicas}`, label: `R=${replicas}`, s3, credentials, parts: { gateway: gateways, nodes } };
}

/** Its processes count as gateway, whatever they do. */
export function foreignStore({ url, credentials, pids }: EndpointOptions): S3Store {
  const processes = pids.map((pid) => ({ cpuSeconds: () => cpuSeconds(pid), peakRssBytes: () => peakRssBytes(pid) }));
  const parts = { gateway: processes.length > 0 ? processes : [untold], nodes: [untold] };
  return { key: 'endpoint', label: url.host, s3: url, credentials, parts };
}

const untold: WatchedProcess = { cpuSeconds: () => null, peakRssBytes: () => null };
