import type { Cluster, ManagedGateway, Settings } from '../../cluster/target.ts';
import type { Fault } from '../fault.ts';

/** One more gateway works on the same store, its jobs included, until it is killed in the middle of them. */
export function passingGateway(cluster: Cluster, settings: Settings = {}): Fault {
  let gateway: ManagedGateway | undefined;
  return {
    start: async () => {
      gateway = await cluster.addGateway(settings);
    },
    stop: async () => gateway?.kill('SIGKILL'),
    describe: () => `${gateway?.name ?? 'one more gateway'} joins, and is killed at the end`,
  };
}
