import { readFileSync } from 'node:fs';
import type { ClusterFile } from './cluster-file.ts';
import { chosenDriver } from './driver.ts';
import type { Target } from './target.ts';

/**
 * A cluster that another process of the harness runs. It is shared, so its processes are not to be killed
 * from here; a case that breaks things starts its own.
 */
export function attachCluster(clusterFile: string): Target {
  const cluster: ClusterFile = JSON.parse(readFileSync(clusterFile, 'utf8'));
  return {
    kind: chosenDriver().kind,
    capabilities: chosenDriver().capabilities,
    rest: new URL(cluster.rest),
    s3: new URL(cluster.s3),
    credentials: { accessKey: cluster.credentials.access_key, secretKey: cluster.credentials.secret_key },
    nodes: cluster.nodes.map((node) => ({
      serverId: node.server_id,
      address: node.address,
      dataDir: node.data_dir,
    })),
    databaseUrl: cluster.postgres,
  };
}
