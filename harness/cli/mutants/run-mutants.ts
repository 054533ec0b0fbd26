import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sweepScratch } from '../../kit/cluster/scratch.ts';
import { isCalled, type Mutant, readMutants } from '../../kit/mutants/mutant.ts';
import type { Paint } from '../../report/summary.ts';
import { Complaint } from '../complaint.ts';
import { paintFor } from '../paint.ts';
import { shortPath } from '../test/plan.ts';
import { exitCodes } from '../test/run-tests.ts';
import { CleanTree } from './clean-tree.ts';
import { tableText, writeOutcomes } from './outcomes-report.ts';
import { checkName } from './run-check.ts';
import { type MutantOutcome, tryMutant } from './try-mutant.ts';

export interface MutantsRun {
  readonly mutantsDir: string;
  /** Empty: all. */
  readonly only: readonly string[];
  readonly seed: number;
  /** For each check. */
  readonly budgetMs: number;
  readonly verifyClean: boolean;
  readonly reportDir: string;
}

/** Tries one planted bug after the other, and tells and writes what became of each. Gives the exit code. */
export async function runMutants(wanted: MutantsRun): Promise<number> {
  const mutants = chosenMutants(wanted);
  const paint = paintFor(process.stdout);
  const { mutantsDir, seed, budgetMs, reportDir } = wanted;
  const logDir = join(reportDir, 'logs');
  await mkdir(logDir, { recursive: true });
  await sweepScratch();
  const clean = wanted.verifyClean ? new CleanTree({ seed, budgetMs, logDir }) : null;
  process.stdout.write(`Planting ${mutants.length} bugs, one after the other, seed ${seed}\n`);
  const outcomes: MutantOutcome[] = [];
  for (const mutant of mutants) {
    const outcome = await tryMutant(mutant, { mutantsDir, seed, budgetMs, logDir, clean });
    outcomes.push(outcome);
    process.stdout.write(outcomeText(outcome, paint));
    // After each, so that a run that is stopped leaves what it has seen.
    await writeOutcomes(reportDir, { seed, outcomes });
  }
  const told = await writeOutcomes(reportDir, { seed, outcomes });
  process.stdout.write(`\n${tableText(seed, told)}\n${countsText(outcomes)}\n`);
  process.stdout.write(`Report: ${shortPath(reportDir)}/mutants.json and mutants.md (seed ${seed})\n`);
  return exitCodeOf(outcomes);
}

/** One line for each mutant: its name, what is to catch it, and what it breaks. */
export function listText(wanted: Pick<MutantsRun, 'mutantsDir' | 'only'>): string {
  const lines = chosenMutants(wanted).map(({ name, checks, breaks, incident, source }) => {
    return `${name}\n    breaks    ${breaks}\n    after     ${incident} ${source}\n    caught by ${checks.map(checkName).join(', ')}\n`;
  });
  return lines.join('');
}

/** Throws Complaint. */
function chosenMutants({ mutantsDir, only }: Pick<MutantsRun, 'mutantsDir' | 'only'>): Mutant[] {
  const all = readMutants(mutantsDir);
  const unknown = only.filter((text) => !all.some((mutant) => isCalled(mutant, text)));
  if (unknown.length > 0) throw new Complaint(`there is no mutant ${unknown.join(', ')}; --list shows them all`);
  return all.filter((mutant) => only.length === 0 || only.some((text) => isCalled(mutant, text)));
}

function outcomeText({ name, outcome, because, by, again, checks }: MutantOutcome, paint: Paint): string {
  const color = {
    caught: paint.green,
    'half caught': paint.yellow,
    missed: paint.red,
    undecided: paint.yellow,
    'does not apply': paint.red,
  };
  const seconds = Math.round(checks.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000);
  const how = by === null ? because : `by ${by}: ${because}`;
  const tried = by === null ? checks.map((one) => `    ${one.check}: ${one.outcome} ${one.because}\n`).join('') : '';
  return `${color[outcome](outcome.padEnd(14))} ${name} (${seconds} s) ${how}\n${tried}    again: ${again}\n`;
}

function countsText(outcomes: readonly MutantOutcome[]): string {
  const of = (wanted: MutantOutcome['outcome']) => outcomes.filter(({ outcome }) => outcome === wanted);
  const named = (wanted: MutantOutcome['outcome']) => {
    const names = of(wanted).map(({ name }) => name);
    return names.length === 0 ? `0 ${wanted}` : `${names.length} ${wanted} (${names.join(', ')})`;
  };
  const others = ['half caught', 'missed', 'undecided', 'does not apply'] as const;
  return `${of('caught').length} of ${outcomes.length} caught, ${others.map(named).join(', ')}`;
}

/** What could not be decided is no catch, and not the system's fault. */
function exitCodeOf(outcomes: readonly MutantOutcome[]): number {
  const has = (...wanted: MutantOutcome['outcome'][]) => outcomes.some(({ outcome }) => wanted.includes(outcome));
  if (has('half caught', 'missed', 'does not apply')) return exitCodes.failed;
  return has('undecided') ? exitCodes.harnessError : exitCodes.passed;
}
