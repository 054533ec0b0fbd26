import { join } from 'node:path';
import { applyMutant } from '../../kit/mutants/apply-mutant.ts';
import { PatchFailed } from '../../kit/mutants/apply-patch.ts';
import type { Mutant } from '../../kit/mutants/mutant.ts';
import type { CleanTree } from './clean-tree.ts';
import { type CheckOutcome, checkArguments, runCheck } from './run-check.ts';

export interface MutantOutcome {
  readonly name: string;
  readonly breaks: string;
  readonly source: string;
  readonly outcome: 'caught' | 'missed' | 'undecided' | 'does not apply';
  /** Why it is undecided or does not apply; how it was caught. */
  readonly because: string;
  readonly checks: readonly CheckOutcome[];
  /** The check that caught it. */
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

/** Plants one bug and runs its checks until one catches it: fails with it, and passes without it. */
export async function tryMutant(mutant: Mutant, trial: Trial): Promise<MutantOutcome> {
  const { name, breaks, source } = mutant;
  const checks: CheckOutcome[] = [];
  const again = `npx sextant mutants --only ${name} --seed ${trial.seed}`;
  const said = (outcome: MutantOutcome['outcome'], because: string, by: string | null = null): MutantOutcome => {
    return { name, breaks, source, outcome, because, checks, by, again };
  };
  try {
    await using tree = await applyMutant(name, trial.mutantsDir);
    for (const [index, check] of mutant.checks.entries()) {
      const logFile = join(trial.logDir, `${name}-${index + 1}.log`);
      const result = await runCheck(tree.dir, check, { ...trial, logFile });
      const isClean = result.outcome !== 'failed' || trial.clean === null || (await trial.clean.passes(check));
      checks.push(isClean ? result : { ...result, outcome: 'undecided', because: 'it fails without the bug too' });
      if (isClean && result.outcome === 'failed') {
        return { ...said('caught', result.because, result.check), again: `${again} (${command(check, trial.seed)})` };
      }
    }
  } catch (error) {
    if (error instanceof PatchFailed) return said('does not apply', error.message);
    throw error;
  }
  const unsure = checks.find(({ outcome }) => outcome === 'undecided');
  return unsure === undefined ? said('missed', '') : said('undecided', `${unsure.check}: ${unsure.because}`);
}

function command(check: Mutant['checks'][number], seed: number): string {
  return `sextant ${checkArguments(check, seed).join(' ')}`;
}
