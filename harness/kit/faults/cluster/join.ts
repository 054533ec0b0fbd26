import type { Cluster, ManagedNode } from '../../cluster/target.ts';
import type { Fault } from '../fault.ts';

/** An empty node joins, and stays. */
export function join(cluster: Cluster): Fault {
  let node: ManagedNode | undefined;
  return {
    start: async () => {
      node = await cluster.addNode();
    },
    stop: async () => {},
    describe: () => `${node?.name ?? 'one more node'} joins`,
  };
}
