import type { Cluster, Settings } from '../../cluster/target.ts';
import type { PlannedFault } from '../../experiment/plan.ts';
import type { Choices } from '../../seed/choices.ts';
import type { Fault } from '../fault.ts';
import type { NamedLinks } from '../network/proxied-links.ts';
import { drawn, type Ranges } from './parameters.ts';
import type { VictimKind } from './victim.ts';

/** What faults are made from. */
export interface FaultWorld {
  readonly cluster: Cluster;
  /** Null where nothing stands between the parts. */
  readonly links: NamedLinks | null;
  /** For what only the moment can decide, such as which of a node's chunks is hit. */
  readonly choices: Choices;
  /** The folder that `settingsOf` was given when the cluster was started. */
  readonly controlDir: string;
}

/** At worst. `availability`: the victim does not serve. `data of one node`: its replicas are lost or damaged until they are repaired. */
export type Harm = 'nothing' | 'availability' | 'data of one node';

export interface CatalogueEntry {
  readonly name: string;
  readonly summary: string;
  readonly on: readonly VictimKind[];
  readonly needsLinks: boolean;
  readonly ranges: Ranges;
  /** Within the ranges. */
  readonly parameters: (choices: Choices) => Record<string, number | string>;
  /** Over as soon as it has started: planned for 0 ms. */
  readonly isInstant: boolean;
  readonly harms: Harm;
  /** What the victim must be started with; of a fault of the cluster, each of its processes. */
  readonly settings?: (controlDir: string, victim: string) => Settings;
  readonly make: (planned: PlannedFault, world: FaultWorld) => Fault;
}

/** An entry as it is written down. */
export type Written = Omit<CatalogueEntry, 'parameters' | 'needsLinks' | 'ranges' | 'isInstant'> & {
  readonly ranges?: Ranges;
  readonly isInstant?: true;
};

export function entry({ ranges = {}, isInstant, ...written }: Written): CatalogueEntry {
  return {
    ...written,
    ranges,
    isInstant: isInstant === true,
    needsLinks: written.on.every((kind) => kind.startsWith('link:')),
    parameters: (choices) => drawn(ranges, choices),
  };
}
