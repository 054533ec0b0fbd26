import { exitCodes, worstOf } from '../../kit/experiment/judgement.ts';
import type { Plan } from '../../kit/experiment/plan.ts';
import { duration, type Paint } from '../../report/summary.ts';
import { type Attempt, attempt, newBundleDir } from './attempt.ts';
import { untilInterrupted } from './interruption.ts';
import { word } from './judgement-text.ts';
import { planText } from './plan-text.ts';
import { prepare } from './prepare.ts';
import { attemptText, shownPath } from './run-one.ts';

export interface ManyRuns {
  /** With what each plan was made from, for people. */
  readonly runs: readonly { readonly plan: Plan; readonly recipe: string }[];
  readonly runsDir: string;
  readonly keepsData: boolean;
  readonly keepsGoing: boolean;
  readonly paint: Paint;
}

/** Run after run, a line for each, and a table at the end. Gives the exit code: that of the worst. */
export async function runMany({ runs, runsDir, keepsData, keepsGoing, paint }: ManyRuns): Promise<number> {
  const [first] = runs;
  await using _ready = first === undefined ? null : await prepare(first.plan);
  const beganMs = performance.now();
  return await untilInterrupted(async (signal) => {
    const ended: { readonly plan: Plan; readonly run: Attempt }[] = [];
    for (const { plan, recipe } of runs) {
      if (signal.aborted) break;
      process.stdout.write(`${planText(plan)}\n${recipe}\n`);
      const run = await attempt(plan, { bundleDir: newBundleDir(runsDir, plan), keepsData, signal });
      ended.push({ plan, run });
      const leftMs = ((performance.now() - beganMs) / ended.length) * (runs.length - ended.length);
      const left = leftMs === 0 ? '' : paint.dim(`  about ${duration(Math.round(leftMs / 1000) * 1000)} left`);
      process.stdout.write(`${paint.bold(`${ended.length}/${runs.length}`)}  ${lineOf(plan, run, paint)}${left}\n`);
      if (run.exitCode === exitCodes.pass) continue;
      process.stdout.write(`${attemptText(run, paint)}\n`);
      if (!keepsGoing) break;
    }
    process.stdout.write(`\n${tableText(ended, runs.length, paint)}\n`);
    const codes = ended.map(({ run }) => run.exitCode);
    // Also where every run passed before it was stopped: not all were done.
    return worstOf(signal.aborted ? [...codes, exitCodes.unknown] : codes);
  });
}

function lineOf({ seed, scenario }: Plan, run: Attempt, paint: Paint): string {
  const what = `${scenario} ${seed}`.padEnd(20);
  if ('error' in run) return `${paint.red('error')}    ${what}`;
  const { overall, counts, phasesMs } = run.outcome.judgement;
  const tookMs = Object.values(phasesMs).reduce((sum, ms) => sum + ms, 0);
  const figures = `${counts.operations} operations, ${counts.info} info, ${counts.faults} faults, ${duration(tookMs)}`;
  return `${word(overall, paint).padEnd(7)}  ${what} ${figures}`;
}

function tableText(ended: readonly { plan: Plan; run: Attempt }[], wanted: number, paint: Paint): string {
  const count = (code: number) => ended.filter(({ run }) => run.exitCode === code).length;
  const { pass, fail, unknown, harnessError } = exitCodes;
  const skipped = wanted - ended.length;
  return [
    paint.bold('Runs'),
    ...ended.map(({ plan, run }) => `  ${lineOf(plan, run, paint)}  ${shownPath(run.bundleDir)}`),
    `${count(pass)} passed, ${count(fail)} failed, ${count(unknown)} unknown, ${count(harnessError)} errors of the harness${skipped === 0 ? '' : `, ${skipped} not run`}`,
  ].join('\n');
}
