import type { ManagedProcess } from '../../kit/cluster/target.ts';
import { type Figure, toldValues } from '../figure.ts';
import type { Store } from './run-measures.ts';

const MiB = 2 ** 20;

/** The peaks since the processes started. */
export function measureMemory(stores: readonly Store[], key: string, when: string): Figure[] {
  const peak = (processes: readonly ManagedProcess[]) => {
    const told = toldValues(processes.map((one) => one.peakRssBytes()));
    return told.length === 0 ? [] : [Math.max(...told) / MiB];
  };
  const gateways = stores.flatMap(({ cluster }) => cluster.gateways);
  const nodes = stores.flatMap(({ cluster }) => cluster.nodes);
  return [
    { key: `${key}.gateway`, label: `gateway memory, peak ${when}`, unit: 'MiB', values: peak(gateways) },
    { key: `${key}.node`, label: `largest node memory, peak ${when}`, unit: 'MiB', values: peak(nodes) },
  ];
}
