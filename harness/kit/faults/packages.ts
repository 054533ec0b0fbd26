import type { PlannedFault } from '../experiment/plan.ts';
import type { Choices } from '../seed/choices.ts';
import type { ClusterShape } from './packages/promise-limits.ts';
import { asFarAsFits, type Candidate, inRhythm, planned, type Rhythm } from './packages/rhythm.ts';

export type { ClusterShape } from './packages/promise-limits.ts';

/** Faults that belong together. The same choices give the same plan, and none that asks more of the store than it promises. */
export interface FaultPackage {
  readonly name: string;
  readonly summary: string;
  readonly plan: (choices: Choices, durationMs: number, shape: ClusterShape) => readonly PlannedFault[];
}

const brisk: Rhythm = { gapMs: [500, 2_500], lastsMs: [300, 3_000] };
const calm: Rhythm = { gapMs: [2_000, 5_000], lastsMs: [1_000, 4_000] };
const slowing = ['latency', 'bandwidth', 'slicer', 'slow-close'];
const breaking = ['reset', 'close-at-byte', 'timeout', 'refusal', 'cut', 'half-open'];
const stopping = ['kill', 'pause', 'shut-down', 'restart'];

export const packages: readonly FaultPackage[] = [
  rhythmic('flaky-network', 'links of every kind are slow, cut, reset and half open', brisk, (shape) =>
    onEach([...slowing, ...breaking], linksOf(shape)),
  ),
  rhythmic('partitions', 'parts do not reach each other, in one direction or both', calm, (shape) =>
    onEach(['partition', 'one-way-partition'], linksOf(shape)),
  ),
  rhythmic('crashing-nodes', 'nodes die, freeze and come back', brisk, (shape) =>
    onEach([...stopping, 'torn-temporary'], nodesOf(shape)),
  ),
  rhythmic('crashing-gateways', 'gateways die, freeze and come back', brisk, (shape) =>
    onEach(stopping, gatewaysOf(shape)),
  ),
  rhythmic('bad-disks', 'disks fill, fail and are slow; what lies on them is damaged', brisk, (shape) => [
    ...onEach(['disk-full', 'disk-write-error', 'slow-disk'], nodesOf(shape)),
    ...onEach(['disk-read-error', 'flip-bit', 'rot', 'truncate-chunk', 'delete-chunk'], nodesOf(shape)),
  ]),
  rhythmic('older-nodes', 'nodes come back with what they had some time ago', calm, (shape) =>
    onEach(['older-data', 'torn-temporary'], nodesOf(shape)),
  ),
  rhythmic('database-trouble', 'PostgreSQL stops, freezes, cuts sessions and is slow', calm, () => [
    ...onEach([...stopping, 'sessions-cut', 'slow-queries'], ['postgres']),
    ...onEach(['latency', 'partition', 'cut'], ['gateway -> postgres']),
  ]),
  rhythmic('jumping-clocks', 'the clocks of nodes and gateways jump by up to an hour', brisk, (shape) =>
    onEach(['clock-jump'], [...nodesOf(shape), ...gatewaysOf(shape)]),
  ),
  rhythmic('membership', 'nodes join and are drained, a gateway comes and goes', calm, (shape) => [
    ...onEach(['join', 'passing-gateway'], ['cluster']),
    ...onEach(['drain'], nodesOf(shape)),
  ]),
  rhythmic(
    'power-cut',
    'every process dies at once, and what was not flushed is lost',
    { gapMs: [3_000, 8_000], lastsMs: [100, 1_000] },
    () => onEach(['power-cut'], ['cluster']),
  ),
  {
    name: 'rolling-restart',
    summary: 'each node, then each gateway, is restarted in its turn, as an upgrade does it',
    plan: (choices, durationMs, shape) => {
      const parts = [...choices.shuffle(nodesOf(shape)), ...choices.shuffle(gatewaysOf(shape))];
      const stepMs = Math.max(2_000, Math.floor((durationMs * 0.85) / parts.length));
      const turns = parts.map((on, n) => planned({ name: 'restart', on }, 500 + n * stepMs, 0, choices));
      return asFarAsFits(turns, durationMs, shape);
    },
  },
  {
    name: 'slow-everything',
    summary: 'links, disks and queries are slow, most of the time and all at once',
    plan: (choices, durationMs, shape) => {
      const lastsMs = Math.floor(durationMs * 0.7);
      const all = [
        ...linksOf(shape).map((on) => ({ name: choices.pick(slowing), on })),
        ...onEach(['slow-disk'], nodesOf(shape)),
        // Beside a slow link to PostgreSQL it would be one thing too many at once.
        ...(shape.hasLinks ? [] : [{ name: 'slow-queries', on: 'postgres' }]),
      ].filter(({ on }) => shape.hasLinks || !on.includes(' -> '));
      const faults = all.map((one) => planned(one, choices.int(0, 1_000), lastsMs, choices));
      return asFarAsFits(faults, durationMs, shape);
    },
  },
];

/** Several packages at once, by name or one's own, each with choices of its own: what one of them leaves no room for is left out. Throws RangeError. */
export function planPackages(
  wanted: readonly (string | FaultPackage)[],
  choices: Choices,
  durationMs: number,
  shape: ClusterShape,
): readonly PlannedFault[] {
  const all = wanted.map(named).flatMap((one) => one.plan(choices.fork(one.name), durationMs, shape));
  return asFarAsFits(all, durationMs, shape);
}

function named(wanted: string | FaultPackage): FaultPackage {
  const found = typeof wanted === 'string' ? packages.find(({ name }) => name === wanted) : wanted;
  if (found !== undefined) return found;
  throw new RangeError(`there is no package ${wanted}, but: ${packages.map(({ name }) => name).join(', ')}`);
}

function rhythmic(
  name: string,
  summary: string,
  rhythm: Rhythm,
  candidates: (shape: ClusterShape) => readonly Candidate[],
): FaultPackage {
  const plan: FaultPackage['plan'] = (choices, durationMs, shape) =>
    inRhythm(candidates(shape), rhythm, choices, durationMs, shape);
  return { name, summary, plan };
}

function onEach(names: readonly string[], victims: readonly string[]): Candidate[] {
  return victims.flatMap((on) => names.map((name) => ({ name, on })));
}

function nodesOf({ nodes }: ClusterShape): string[] {
  return Array.from({ length: nodes }, (_, n) => `node-${n + 1}`);
}

function gatewaysOf({ gateways }: ClusterShape): string[] {
  return Array.from({ length: gateways }, (_, n) => `gateway-${n + 1}`);
}

function linksOf(shape: ClusterShape): string[] {
  const gateways = gatewaysOf(shape);
  return [
    'gateway -> postgres',
    ...gateways.map((gateway) => `client -> ${gateway}`),
    ...nodesOf(shape).map((node) => `gateway -> ${node}`),
    ...nodesOf(shape).flatMap((node) => gateways.map((gateway) => `${node} -> ${gateway}`)),
  ];
}
