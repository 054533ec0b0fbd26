import { AdminClient } from '../../clients/admin-client.ts';
import { RestClient } from '../../clients/rest-client.ts';
import type { Cluster, ManagedNode } from '../../cluster/target.ts';
import { until, WaitedInVain } from '../../testing/until.ts';
import type { Fault } from '../fault.ts';

/**
 * An operator drains a node. At the end it is taken away for good, with its data, once it has nothing left; when it still has
 * something `withinMs` later, the operator changes his mind and it stays.
 */
export function drain(cluster: Cluster, node: ManagedNode, withinMs: number): Fault {
  let what = 'is drained';
  let isAsked = false;
  return {
    start: async () => {
      const { status, text } = await asOperator(cluster, (admin) => admin.drain(node.serverId));
      if (status !== 202) throw new Error(`the drain of ${node.name} was answered with ${status}: ${text}`);
      isAsked = true;
    },
    stop: async () => {
      if (!isAsked) return;
      const wasDrained = await asOperator(cluster, (admin) => untilRemoved(admin, node, withinMs));
      if (wasDrained) {
        await cluster.removeNode(node);
        what = 'was drained and taken away';
      } else {
        await asOperator(cluster, (admin) => admin.activate(node.serverId));
        what = `was not drained within ${withinMs} ms more, and stays`;
      }
    },
    describe: () => `${node.name} ${what}`,
  };
}

async function untilRemoved(admin: AdminClient, node: ManagedNode, withinMs: number): Promise<boolean> {
  try {
    return await until({ what: `${node.name} to be removed`, withinMs }, async () => {
      return (await admin.statusOf(node.serverId)) === 'removed';
    });
  } catch (error) {
    if (error instanceof WaitedInVain) return false;
    throw error;
  }
}

async function asOperator<T>(cluster: Cluster, work: (admin: AdminClient) => Promise<T>): Promise<T> {
  using rest = new RestClient(cluster.rest);
  return await work(new AdminClient(rest));
}
