import { generateClients } from '../experiment/generate/generate-clients.ts';
import type { WorkloadOptions } from '../experiment/generate/workload-options.ts';
import type { Limits, Plan } from '../experiment/plan.ts';
import { type FaultPackage, planPackages } from '../faults/packages.ts';
import { Choices } from '../seed/choices.ts';

/** What a run is made from, before a seed has decided it in detail. */
export interface Recipe {
  readonly store: Pick<Plan['cluster'], 'nodes' | 'replicas' | 'gateways' | 'isVersioned'>;
  readonly workload: Omit<WorkloadOptions, 'gateways' | 'seconds'>;
  /** By the names of kit/faults/packages.ts, or one's own, all at once. What would break more than is promised is left out. */
  readonly faults: readonly (string | FaultPackage)[];
  /** Whether faults may hit the links between the parts too. */
  readonly hasLinks: boolean;
}

export interface Scenario {
  readonly name: string;
  /** What it tries, in a line. */
  readonly summary: string;
  readonly recipe: (choices: Choices) => Recipe;
}

/** What every scenario leaves out of its recipe is this. */
const usual: Recipe = {
  store: { nodes: 6, replicas: 2, gateways: 1, isVersioned: false },
  workload: {
    kind: 'mixed',
    clients: 6,
    keys: 12,
    operationsPerSecond: 4,
    bytesMax: 1024 * 1024,
    skew: 'uniform',
    conditionalPerCent: 30,
  },
  faults: [],
  hasLinks: false,
};

/** A scenario whose recipe no seed decides; what is not said is as usual. */
export function scenario({
  name,
  summary,
  store,
  workload,
  faults,
  hasLinks,
}: Pick<Scenario, 'name' | 'summary'> & {
  readonly store?: Partial<Recipe['store']>;
  readonly workload?: Partial<Recipe['workload']>;
  readonly faults?: Recipe['faults'];
  readonly hasLinks?: boolean;
}): Scenario {
  const recipe: Recipe = {
    store: { ...usual.store, ...store },
    workload: { ...usual.workload, ...workload },
    faults: faults ?? usual.faults,
    hasLinks: hasLinks ?? usual.hasLinks,
  };
  return { name, summary, recipe: () => recipe };
}

export interface Size {
  readonly seed: string;
  readonly loadMs: number;
  readonly target: Plan['cluster']['target'];
  /** Of harness/mutants; null for a clean store. */
  readonly mutant: string | null;
}

/** Mending includes the lease of what a node that was away would not delete, 20 s, more than once. */
export const usualLimits: Limits = { operationMs: 15_000, recoveryMs: 30_000, mendingMs: 90_000 };

/** The same scenario, seed and length always make the same plan. */
export function planOf(scenario: Scenario, { seed, loadMs, target, mutant }: Size): Plan {
  const choices = new Choices(seed);
  const { store, workload, faults, hasLinks } = recipeOf(scenario, seed);
  const options: WorkloadOptions = { ...workload, gateways: store.gateways, seconds: loadMs / 1000 };
  return {
    format: 1,
    seed,
    scenario: scenario.name,
    cluster: { target, ...store, mutant, settings: {} },
    loadMs,
    clients: generateClients(options, choices.fork('clients')),
    faults: planPackages(faults, choices.fork('faults'), loadMs, { ...store, hasLinks }),
    limits: usualLimits,
  };
}

export function recipeOf({ recipe }: Scenario, seed: string): Recipe {
  return recipe(new Choices(seed).fork('recipe'));
}
