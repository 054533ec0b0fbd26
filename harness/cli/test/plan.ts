import { basename, join, relative } from 'node:path';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import type { TargetChoice } from '../../kit/testing/target-choice.ts';
import type { Tier } from '../../kit/testing/tiers.ts';
import { Complaint } from '../complaint.ts';
import { type Discovery, discover, type FoundCase } from './discover.ts';
import { caseSuites, suiteFiles, unitSuite } from './find-tests.ts';
import type { NamedJob } from './progress.ts';
import { type Selection, selectCases, shardOf, unknownCases } from './select.ts';

/** What will run, suite by suite. */
export interface Plan {
  readonly suites: readonly PlannedSuite[];
  readonly jobs: readonly NamedJob[];
  readonly needsSharedCluster: boolean;
}

export interface PlannedSuite {
  readonly name: string;
  readonly isUnit: boolean;
  readonly files: readonly string[];
  /** Empty for unit tests. */
  readonly cases: readonly FoundCase[];
}

export interface Wish {
  /** Null: the default suites, or all that hold the wanted cases or phase. */
  readonly suites: readonly string[] | null;
  /** Only these files; empty: all. */
  readonly files: readonly string[];
  readonly selection: Selection;
  readonly suitesDir: string;
  readonly tier: Tier;
  readonly target: TargetChoice['target'];
}

/** Not `chaos`, which takes as long as these together: it is asked for by name. */
export const defaultSuites = [unitSuite, 'e2e', 'grpc', 'concurrency', 's3'];

/** Throws Complaint when a suite, a case or a file does not exist, and when nothing at all would run. */
export async function planRun(wish: Wish): Promise<Plan> {
  const existing = [unitSuite, ...(await caseSuites(wish.suitesDir))];
  const wanted = wantedSuites(wish, existing);
  const found = await discover(
    wanted.filter((suite) => suite !== unitSuite),
    wish.suitesDir,
    wish,
  );
  const unknown = unknownCases(found.cases, wish.selection.cases);
  if (unknown.length > 0) {
    const ids = found.cases.map(({ id }) => id).join(' ');
    throw new Complaint(
      [
        `there is no case ${unknown.join(', ')} in ${wanted.join(', ')}; these exist: ${ids || 'none'}`,
        ...found.brokenFiles.map(({ file, error }) => `${shortPath(file)} cannot be imported: ${error}`),
      ].join('\n'),
    );
  }
  await refuseUnknownFiles(wish, wanted, found);
  const chosen = selectCases(found.cases, wish.selection).filter(({ file }) => isWantedFile(file, wish.files));
  const suites: PlannedSuite[] = [];
  for (const name of wanted) {
    const isUnit = name === unitSuite;
    const cases = chosen.filter(({ suite }) => suite === name);
    const broken = found.brokenFiles
      .filter(({ suite, file }) => suite === name && isWantedFile(file, wish.files))
      .map(({ file }) => file);
    const files = isUnit ? await unitFiles(wish) : [...new Set([...cases.map(({ file }) => file), ...broken])];
    if (files.length > 0) suites.push({ name, isUnit, files, cases });
  }
  if (suites.length === 0) throw new Complaint('this selection holds no test at all, so nothing was shown');
  return {
    suites,
    jobs: suites.flatMap(jobsOf),
    needsSharedCluster: chosen.some(({ cluster }) => cluster === 'shared'),
  };
}

/** Repository-relative path, as reports name a file. */
export function shortPath(file: string): string {
  const path = relative(repositoryRoot, file);
  return path.startsWith('..') ? file : path;
}

export function jobKey(suite: string, name: string): string {
  return `${suite}/${name}`;
}

function wantedSuites(wish: Wish, existing: readonly string[]): string[] {
  const missing = (wish.suites ?? []).filter((name) => !existing.includes(name));
  if (missing.length > 0) {
    throw new Complaint(`there is no suite ${missing.join(', ')}; these exist: ${existing.join(', ')}`);
  }
  if (wish.suites !== null) return [...new Set(wish.suites)];
  // Cases and phases belong to the suites of cases; a file may lie anywhere.
  if (wish.selection.cases.length > 0 || wish.selection.phase !== null)
    return existing.filter((name) => name !== unitSuite);
  if (wish.files.length > 0) return [...existing];
  // Unit tests are against no target.
  return defaultSuites.filter((name) => existing.includes(name) && (name !== unitSuite || wish.target === 'processes'));
}

/** A name that is mistyped beside one that is not would leave its tests out unseen. */
async function refuseUnknownFiles(wish: Wish, suites: readonly string[], found: Discovery): Promise<void> {
  if (wish.files.length === 0) return;
  const ofUnit = suites.includes(unitSuite) ? await suiteFiles(unitSuite, wish.suitesDir) : [];
  const existing = [...ofUnit, ...[...found.cases, ...found.brokenFiles].map(({ file }) => file)];
  const unknown = wish.files.filter((one) => !existing.some((file) => isWantedFile(file, [one])));
  if (unknown.length === 0) return;
  throw new Complaint(`no test of ${suites.join(', ')} lies in ${unknown.map(shortPath).join(', ')}`);
}

async function unitFiles(wish: Wish): Promise<string[]> {
  if (wish.selection.cases.length > 0) return [];
  const files = (await suiteFiles(unitSuite, wish.suitesDir)).filter((file) => isWantedFile(file, wish.files));
  return wish.selection.shard === null ? files : shardOf(files, wish.selection.shard);
}

function isWantedFile(file: string, wanted: readonly string[]): boolean {
  return wanted.length === 0 || wanted.some((one) => file === one || file.startsWith(join(one, '/')));
}

function jobsOf({ name, isUnit, files, cases }: PlannedSuite): NamedJob[] {
  if (!isUnit) return cases.map(({ id, tags }) => ({ key: jobKey(name, id), tags, label: id }));
  return files.map((file) => ({ key: jobKey(name, shortPath(file)), tags: [], label: basename(file) }));
}
