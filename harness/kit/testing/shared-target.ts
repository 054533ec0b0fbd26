import { after } from 'node:test';
import { attachCluster } from '../cluster/attached-cluster.ts';
import { startCluster } from '../cluster/start-cluster.ts';
import type { Target } from '../cluster/target.ts';
import { urlTarget } from '../cluster/url-target.ts';
import { runSettings } from './run-settings.ts';

let shared: Promise<Target> | undefined;

/**
 * The store that all cases of a run share: what the runner started, or the URL it was given. A file that runs
 * without a runner starts a cluster once, and stops it at its end.
 */
export function sharedTarget(): Promise<Target> {
  shared ??= open();
  return shared;
}

async function open(): Promise<Target> {
  if (runSettings.target === 'url') return urlTarget(runSettings);
  if (runSettings.clusterFile !== null) return attachCluster(runSettings.clusterFile);
  const cluster = await startCluster();
  after(() => cluster.stop());
  return cluster;
}
