import type { PlannedFault } from '../experiment/plan.ts';
import { checkedEntry } from '../faults/catalogue.ts';

/**
 * Without the faults that would take more than the store promises to stand: of R replicas, R-1 may be lost. Damage is counted
 * over the whole plan, since nobody knows when it is mended; so with one replica there is none. Pure.
 */
export function withinPromise(
  faults: readonly PlannedFault[],
  { replicas }: { readonly replicas: number },
): readonly PlannedFault[] {
  const damaged = new Set<string>();
  return faults.filter((fault) => {
    if (checkedEntry(fault).harms !== 'data of one node') return true;
    if (!damaged.has(fault.on) && damaged.size >= replicas - 1) return false;
    damaged.add(fault.on);
    return true;
  });
}
