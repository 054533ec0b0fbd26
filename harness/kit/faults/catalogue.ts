import type { Settings } from '../cluster/target.ts';
import type { PlannedFault } from '../experiment/plan.ts';
import { clusterEntries } from './catalogue/cluster-entries.ts';
import { diskEntries } from './catalogue/disk-entries.ts';
import type { CatalogueEntry, FaultWorld } from './catalogue/entry.ts';
import { networkEntries } from './catalogue/network-entries.ts';
import { parameterProblems } from './catalogue/parameters.ts';
import { processEntries } from './catalogue/process-entries.ts';
import { BadFault, victimKind } from './catalogue/victim.ts';
import type { Fault } from './fault.ts';

/** Everything that a plan may break, by name. */
export const catalogue: readonly CatalogueEntry[] = [
  ...networkEntries,
  ...processEntries,
  ...diskEntries,
  ...clusterEntries,
];

/** Makes a planned fault, when it is due: a node that joined meanwhile can be its victim. Throws BadFault. */
export function faultOf(planned: PlannedFault, world: FaultWorld): Fault {
  return checkedEntry(planned).make(planned, world);
}

/** The entry of a planned fault that fits it. Throws BadFault, which says what does not fit. */
export function checkedEntry(planned: PlannedFault): CatalogueEntry {
  const entry = catalogue.find(({ name }) => name === planned.name);
  if (entry === undefined) {
    throw bad(planned, `there is no fault of that name, but: ${catalogue.map(({ name }) => name).join(', ')}`);
  }
  const kind = victimKind(planned.on);
  if (kind === undefined || !entry.on.includes(kind)) {
    throw bad(planned, `it does not break ${planned.on}, but: ${entry.on.join(', ')}`);
  }
  const problems = parameterProblems(entry.ranges, planned.parameters);
  if (entry.isInstant && planned.forMs !== 0) problems.push(`it lasts no time, but is planned for ${planned.forMs} ms`);
  if (problems.length > 0) throw bad(planned, problems.join('; '));
  return entry;
}

/**
 * What each process must be started with for these faults, by its name: `startCluster({ processSettings: settingsOf(faults,
 * controlDir) })`. `controlDir` is a folder of the run, the same as in FaultWorld. Throws BadFault.
 */
export function settingsOf(faults: readonly PlannedFault[], controlDir: string): (victim: string) => Settings {
  return (victim) =>
    Object.assign(
      {},
      ...faults
        .filter(({ on }) => on === victim || on === 'cluster')
        .map((fault) => checkedEntry(fault).settings?.(controlDir, victim)),
    );
}

/** Whether the cluster must be started with links for these faults. Throws BadFault. */
export function needLinks(faults: readonly PlannedFault[]): boolean {
  return faults.some((fault) => checkedEntry(fault).needsLinks);
}

function bad({ id, name }: PlannedFault, why: string): BadFault {
  return new BadFault(`fault ${id} (${name}): ${why}`);
}
