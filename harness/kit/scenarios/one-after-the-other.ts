import type { PlannedFault } from '../experiment/plan.ts';
import { type ClusterShape, type FaultPackage, type PackageName, packages } from '../faults/packages.ts';
import type { Choices } from '../seed/choices.ts';
import { withinPromise } from './within-promise.ts';

/** Before the first fault, between two packages and after the last: the store is to have a moment in which it is whole. */
const pauseMs = 1_000;

export interface FaultSpan {
  readonly loadMs: number;
  readonly shape: ClusterShape;
  readonly choices: Choices;
}

/** The faults of all packages. Each has its part of the load, so that two of them never exceed together what each keeps to. */
export function oneAfterTheOther(
  wanted: readonly (PackageName | FaultPackage)[],
  { loadMs, shape, choices }: FaultSpan,
): PlannedFault[] {
  const partMs = Math.floor((loadMs - pauseMs) / Math.max(1, wanted.length)) - pauseMs;
  const faults = wanted.flatMap((one, n) => {
    const make = typeof one === 'string' ? packages[one] : one;
    const fromMs = pauseMs + n * (partMs + pauseMs);
    return make(choices.fork(`part-${n}`), partMs, shape).map((fault) => ({ ...fault, atMs: fromMs + fault.atMs }));
  });
  return withinPromise(faults, shape).map((fault, n) => ({ ...fault, id: `f${n + 1}` }));
}
