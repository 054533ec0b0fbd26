import type { Cluster } from '../../cluster/target.ts';
import type { Fault } from '../fault.ts';

/** Every process of the store ends at once, PostgreSQL too; at the end they start again, in order. */
export function powerCut(cluster: Cluster): Fault {
  return {
    start: () => cluster.killAll(),
    stop: () => cluster.startAll(),
    describe: () => 'the power is cut: every process is killed',
  };
}
