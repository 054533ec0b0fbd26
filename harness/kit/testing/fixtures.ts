import { join } from 'node:path';
import { RestClient, type RestClientOptions } from '../clients/rest-client.ts';
import { type ClusterOptions, startCluster } from '../cluster/start-cluster.ts';
import { type NodeOptions, startNode } from '../cluster/start-node.ts';
import type { Cluster, ManagedNode, Target } from '../cluster/target.ts';
import type { CaseContext } from './case-context.ts';

/**
 * A cluster of the case's own, to be broken at will: `await using cluster = await ownCluster(ctx, { nodes: 3 })`.
 * It stops with the scope, and at the latest with the case, also when the case hangs.
 */
export async function ownCluster(ctx: CaseContext, options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await startCluster({ logDir: join(ctx.newLogDir('cluster')), ...options });
  ctx.defer(() => cluster.stop());
  return cluster;
}

/** A single storage node of the case's own. */
export async function ownNode(ctx: CaseContext, options: NodeOptions = {}): Promise<ManagedNode & AsyncDisposable> {
  const node = await startNode({ logDir: join(ctx.newLogDir('node')), ...options });
  ctx.defer(() => node[Symbol.asyncDispose]());
  return node;
}

/** A client of the target's REST interface; its connections are closed with the case. */
export function restOf(ctx: CaseContext, target: Target = ctx.target, options: RestClientOptions = {}): RestClient {
  const rest = new RestClient(target.rest, options);
  ctx.defer(() => rest.close());
  return rest;
}
