import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Tag } from '../../kit/testing/tags.ts';

/** Something that will take time: a case, or a whole file of unit tests. */
export interface Job {
  readonly key: string;
  readonly tags: readonly Tag[];
}

/** By key, in milliseconds. */
export type Durations = Readonly<Record<string, number>>;

/** Until a job has run once on this machine. */
const guessMs = { plain: 1_500, concurrent: 10_000, large: 30_000, slow: 90_000 };

export function expectedMs(job: Job, durations: Durations): number {
  return durations[job.key] ?? Math.max(guessMs.plain, ...job.tags.map((tag) => guessMs[tag]));
}

/** Time left for `waiting` jobs, and for `running` ones that began `forMs` ago, with `workers` at work. */
export function timeLeftMs(
  waiting: readonly Job[],
  running: readonly { readonly job: Job; readonly forMs: number }[],
  workers: number,
  durations: Durations,
): number {
  const ahead = waiting.reduce((sum, job) => sum + expectedMs(job, durations), 0);
  const inHand = running.map(({ job, forMs }) => Math.max(0, expectedMs(job, durations) - forMs));
  const shared = (ahead + inHand.reduce((sum, one) => sum + one, 0)) / Math.max(1, workers);
  // However many workers there are, the longest that runs must end.
  return Math.max(shared, ...inHand, 0);
}

/** The newest duration counts as much as all before together: machines and tests change. */
export function learned(old: Durations, finished: Durations): Durations {
  const mixed = Object.entries(finished).map(([key, ms]) => [key, Math.round(((old[key] ?? ms) + ms) / 2)]);
  return { ...old, ...Object.fromEntries(mixed) };
}

export function readDurations(file: string): Durations {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

export function writeDurations(file: string, durations: Durations): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(durations, null, 1));
}
