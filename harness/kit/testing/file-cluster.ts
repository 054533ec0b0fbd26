import { cp } from 'node:fs/promises';
import { after } from 'node:test';
import { type ClusterOptions, startCluster } from '../cluster/start-cluster.ts';
import type { Cluster } from '../cluster/target.ts';
import type { CaseContext } from './case-context.ts';

/**
 * A cluster that the cases of one file use one after the other, for cases that leave whole what they broke. It starts
 * with the first of them and stops with the file; whatever a case left stopped runs again for the next one. To be called
 * beside the cases, not in one: within a case the file's end cannot be seen.
 */
export function fileCluster(options: ClusterOptions): (ctx: CaseContext) => Promise<Cluster> {
  let started: Promise<Cluster> | undefined;
  after(async () => {
    await (await started)?.stop();
  });
  return async (ctx) => {
    started ??= startCluster(options);
    const cluster = await started;
    // The cluster outlives the case, and its logs are wanted where those of the case are.
    ctx.defer(() => cp(cluster.logDir, ctx.newLogDir('cluster'), { recursive: true }));
    await cluster.startAll();
    return cluster;
  };
}
