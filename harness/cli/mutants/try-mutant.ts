import { join } from 'node:path';
import { applyMutant } from '../../kit/mutants/apply-mutant.ts';
import { PatchFailed } from '../../kit/mutants/apply-patch.ts';
import type { Check, Mutant } from '../../kit/mutants/mutant.ts';
import type { CleanTree } from './clean-tree.ts';
import { type CheckOutcome, checkArguments, runCheck } from './run-check.ts';

export interface MutantOutcome {
  readonly name: string;
  readonly breaks: string;
  readonly source: string;
  /** `half caught`: by one of the suites, and by none of the runs under faults that it names. */
  readonly outcome: 'caught' | 'half caught' | 'missed' | 'undecided' | 'does not apply';
  /** Why it is undecided or does not apply; how it was caught. */
  readonly because: string;
  readonly checks: readonly CheckOutcome[];
  /** The checks that caught it; null when it was not. */
  readonly by: string | null;
  /** Shows it again. */
  readonly again: string;
}

export interface Trial {
  readonly mutantsDir: string;
  readonly seed: number;
  readonly budgetMs: number;
  readonly logDir: string;
  /** Null: not asked whether a check passes without the bug. */
  readonly clean: CleanTree | null;
}

/**
 * Plants one bug and runs its checks until one catches it: fails with it, and passes without it. Of the suites one must, and of the
 * runs under faults one, where it names some.
 */
export async function tryMutant(mutant: Mutant, trial: Trial): Promise<MutantOutcome> {
  const { name, breaks, source } = mutant;
  const checks: CheckOutcome[] = [];
  const again = `npx sextant mutants --only ${name} --seed ${trial.seed}`;
  const said = (outcome: MutantOutcome['outcome'], because: string, by: string | null = null): MutantOutcome => {
    return { name, breaks, source, outcome, because, checks, by, again };
  };
  const sorts = [mutant.checks.filter(({ kind }) => kind !== 'chaos'), mutant.checks.filter(isChaos)];
  const caught: { readonly check: Check; readonly result: CheckOutcome }[] = [];
  try {
    await using tree = await applyMutant(name, trial.mutantsDir);
    for (const sort of sorts.filter(({ length }) => length > 0)) {
      const before = checks.length;
      const first = await firstThatCatches(sort, tree.dir, name, trial, checks);
      if (first === undefined) return notCaught(checks.slice(before), caught[0]?.result, said);
      caught.push(first);
    }
  } catch (error) {
    if (error instanceof PatchFailed) return said('does not apply', error.message);
    throw error;
  }
  const commands = caught.map(({ check }) => command(check, trial.seed)).join('; ');
  return {
    ...said(
      'caught',
      caught.map(({ result }) => result.because).join('; '),
      caught.map(({ result }) => result.check).join(' and '),
    ),
    again: `${again} (${commands})`,
  };
}

/** Tells `checks` what each said. */
async function firstThatCatches(
  sort: readonly Check[],
  dir: string,
  name: string,
  trial: Trial,
  checks: CheckOutcome[],
): Promise<{ readonly check: Check; readonly result: CheckOutcome } | undefined> {
  for (const check of sort) {
    const logFile = join(trial.logDir, `${name}-${checks.length + 1}.log`);
    const result = await runCheck(dir, check, { ...trial, logFile });
    const isClean = result.outcome !== 'failed' || trial.clean === null || (await trial.clean.passes(check));
    checks.push(isClean ? result : { ...result, outcome: 'undecided', because: 'it fails without the bug too' });
    if (isClean && result.outcome === 'failed') return { check, result };
  }
  return undefined;
}

function notCaught(
  tried: readonly CheckOutcome[],
  bySuite: CheckOutcome | undefined,
  said: (outcome: MutantOutcome['outcome'], because: string, by?: string) => MutantOutcome,
): MutantOutcome {
  if (bySuite !== undefined) {
    const others = tried.map(({ check, outcome, because }) => `${check} ${outcome} ${because}`.trimEnd()).join(', ');
    return said('half caught', `${bySuite.because}; but ${others}`, bySuite.check);
  }
  const unsure = tried.find(({ outcome }) => outcome === 'undecided');
  return unsure === undefined ? said('missed', '') : said('undecided', `${unsure.check}: ${unsure.because}`);
}

function isChaos({ kind }: Check): boolean {
  return kind === 'chaos';
}

function command(check: Check, seed: number): string {
  return `sextant ${checkArguments(check, seed).join(' ')}`;
}
