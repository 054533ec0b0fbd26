import type { WorkloadKind } from '../experiment/generate/workload-options.ts';
import { packages } from '../faults/packages.ts';
import type { Choices } from '../seed/choices.ts';
import type { Recipe, Scenario } from './scenario.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

const workloadKinds: readonly WorkloadKind[] = ['registers', 'sets', 'multipart', 'large objects', 'files', 'mixed'];

/** Of each number as often as it is named: one package has the load to itself, several meet. */
const packagesPerRun = [0, 1, 1, 1, 2, 2, 2, 3];

/** Draws the store, the workload and the faults, so that what nobody thought of meets as well. */
export const swarm: Scenario = {
  name: 'swarm',
  summary: 'the seed draws the store, the workload and the mix of faults',
  recipe: (choices) => {
    const store = drawStore(choices.fork('store'));
    return { store, workload: drawWorkload(choices.fork('workload')), ...drawFaults(choices.fork('faults')) };
  },
};

function drawStore(choices: Choices): Recipe['store'] {
  return {
    nodes: choices.int(6, 8),
    replicas: choices.pick([1, 2, 2, 2, 3]),
    gateways: choices.pick([1, 2, 2]),
    isVersioned: choices.chance(30),
  };
}

function drawWorkload(choices: Choices): Recipe['workload'] {
  const kind = choices.pick(workloadKinds);
  const isHeavy = kind === 'multipart' || kind === 'large objects';
  return {
    kind,
    clients: isHeavy ? choices.int(2, 4) : choices.int(3, 10),
    keys: choices.int(2, 24),
    operationsPerSecond: isHeavy ? 1 : choices.int(2, 8),
    // A multipart upload has parts of at least 5 MiB.
    bytesMax: isHeavy ? choices.int(12, 32) * MiB : choices.pick([64 * KiB, MiB, 4 * MiB]),
    skew: choices.chance(50) ? 'uniform' : { zipfExponent: choices.int(5, 15) / 10 },
    conditionalPerCent: choices.pick([0, 20, 50]),
  };
}

function drawFaults(choices: Choices): Pick<Recipe, 'faults' | 'hasLinks'> {
  const faults = choices.shuffle(packages).slice(0, choices.pick(packagesPerRun));
  return { faults, hasLinks: choices.chance(60) };
}
