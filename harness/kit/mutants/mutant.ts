import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../cluster/repository.ts';

/** A bug that is planted on purpose: a patch against system/ that a check of the harness must catch. */
export interface Mutant {
  /** Its folder in harness/mutants: `04-cleanup-takes-active-sessions`. */
  readonly name: string;
  /** A unified diff. */
  readonly patch: string;
  /** What users would feel. */
  readonly breaks: string;
  /** The class of real incidents that it stands for, in a sentence, and where one of them is told. */
  readonly incident: string;
  readonly source: string;
  /** Those that are to catch it: one of the suites, the quickest first, and one of the runs under faults, where there are some. */
  readonly checks: readonly Check[];
  /** Why no check from outside can see it; missing where one does. */
  readonly onlyUnitBecause?: string;
}

export type Check =
  | { readonly kind: 'unit'; readonly file: string }
  | { readonly kind: 'case'; readonly suite: string; readonly case: string }
  | ChaosCheck;

/** `sextant chaos`, and the checker that must say that its promise was broken. */
export interface ChaosCheck {
  readonly kind: 'chaos';
  readonly scenario: string;
  readonly seed: number;
  readonly seconds: number;
  readonly checker: string;
}

export const mutantsDir = join(repositoryRoot, 'harness/mutants');

/** Those in `dir`, in the order of their numbers. */
export function readMutants(dir: string): Mutant[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((name) => ({
      name,
      patch: readFileSync(join(dir, name, 'mutant.patch'), 'utf8'),
      ...JSON.parse(readFileSync(join(dir, name, 'mutant.json'), 'utf8')),
    }));
}

/** By its folder's name, with or without the number, or by the number alone. */
export function isCalled({ name }: Pick<Mutant, 'name'>, text: string): boolean {
  const [, number, rest] = /^(\d+)-(.*)$/.exec(name) ?? [];
  return [name, number, rest].includes(text);
}
