import type { PlannedFault } from '../../experiment/plan.ts';
import type { Choices } from '../../seed/choices.ts';
import { catalogue } from '../catalogue.ts';
import { type ClusterShape, endMs, keepsPromise } from './promise-limits.ts';

/** A kind of fault and whom it may hit. */
export interface Candidate {
  readonly name: string;
  readonly on: string;
}

export interface Rhythm {
  readonly gapMs: readonly [from: number, to: number];
  readonly lastsMs: readonly [from: number, to: number];
}

/** The end of the load is left in peace, so that clients are still there when the last fault is over. */
const quietPart = 0.1;
const triesMax = 8;

/** One of the candidates after another, at times that the seed chooses, as far as the promise allows and the load lasts. */
export function inRhythm(
  candidates: readonly Candidate[],
  { gapMs, lastsMs }: Rhythm,
  choices: Choices,
  durationMs: number,
  shape: ClusterShape,
): PlannedFault[] {
  const possible = candidates.filter(({ on }) => shape.hasLinks || !on.includes(' -> '));
  const faults: PlannedFault[] = [];
  if (possible.length === 0) return faults;
  for (let atMs = choices.int(...gapMs); atMs < durationMs; atMs += choices.int(...gapMs)) {
    for (let tries = 0; tries < triesMax; tries++) {
      const fault = planned(choices.pick(possible), atMs, choices.int(...lastsMs), choices);
      if (!fits([...faults, fault], durationMs, shape)) continue;
      faults.push(fault);
      break;
    }
  }
  return numbered(faults);
}

export function planned({ name, on }: Candidate, atMs: number, lastsMs: number, choices: Choices): PlannedFault {
  const entry = catalogue.find((one) => one.name === name);
  if (entry === undefined) throw new Error(`a package names ${name}, which is not in the catalogue`);
  return { id: '', name, on, parameters: entry.parameters(choices), atMs, forMs: entry.isInstant ? 0 : lastsMs };
}

/** Those that fit beside the ones before them, in order of time. */
export function asFarAsFits(
  faults: readonly PlannedFault[],
  durationMs: number,
  shape: ClusterShape,
): readonly PlannedFault[] {
  const kept: PlannedFault[] = [];
  for (const fault of faults.toSorted((one, other) => one.atMs - other.atMs)) {
    if (fits([...kept, fault], durationMs, shape)) kept.push(fault);
  }
  return numbered(kept);
}

function fits(faults: readonly PlannedFault[], durationMs: number, shape: ClusterShape): boolean {
  const last = faults.at(-1);
  if (last !== undefined && endMs(last) > durationMs * (1 - quietPart)) return false;
  return keepsPromise(faults, shape);
}

function numbered(faults: readonly PlannedFault[]): PlannedFault[] {
  return faults.map((fault, n) => ({ ...fault, id: `f${n + 1}` }));
}
