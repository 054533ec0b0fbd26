import { relative } from 'node:path';
import { exitCodes } from '../../kit/experiment/judgement.ts';
import type { Plan } from '../../kit/experiment/plan.ts';
import { duration, type Paint } from '../../report/summary.ts';
import { type Attempt, attempt, errorText, newBundleDir } from './attempt.ts';
import { untilInterrupted } from './interruption.ts';
import { judgementText } from './judgement-text.ts';
import { planText } from './plan-text.ts';
import { prepare } from './prepare.ts';
import { RunDisplay } from './run-display.ts';

export interface OneRun {
  readonly plan: Plan;
  /** What it was made from, for people. */
  readonly recipe?: string;
  readonly runsDir: string;
  readonly keepsData: boolean;
  readonly paint: Paint;
}

/** Runs a plan before everybody's eyes. Gives the exit code. */
export async function runOne({ plan, recipe, runsDir, keepsData, paint }: OneRun): Promise<number> {
  await using _ready = await prepare(plan);
  const bundleDir = newBundleDir(runsDir, plan);
  process.stdout.write(`${planText(plan)}\n${recipe === undefined ? '' : `${recipe}\n`}`);
  using display = new RunDisplay(plan, paint);
  const { onPhase, onFault } = display;
  const run = await untilInterrupted((signal) => attempt(plan, { bundleDir, keepsData, signal, onPhase, onFault }));
  process.stdout.write(`${attemptText(run, paint)}\n`);
  return run.exitCode;
}

/** The verdicts with their evidence, where the bundle lies, and how to see it again. */
export function attemptText(run: Attempt, paint: Paint): string {
  const bundle = shownPath(run.bundleDir);
  const again = `again:   npx sextant reproduce ${bundle}`;
  const lines = [`bundle:  ${bundle}`, ...(run.exitCode === exitCodes.pass ? [] : [paint.bold(again)])];
  if ('error' in run) {
    return [paint.red('This run says nothing of the store: the harness, or the start of the store, failed.')]
      .concat(errorText(run.error), lines)
      .join('\n');
  }
  const { judgement, history } = run.outcome;
  const { operations, ok, fail, info, open, faults } = judgement.counts;
  const phases = Object.entries(judgement.phasesMs).map(([phase, ms]) => `${phase} ${duration(ms)}`);
  return [
    judgementText(judgement, history, paint),
    `seen:    ${operations} operations (${ok} ok, ${fail} fail, ${info} info, ${open} open), ${faults} faults`,
    `took:    ${phases.join(', ')}`,
    ...(run.notDrawn === null ? [] : [`timeline: could not be drawn: ${run.notDrawn}`]),
    ...lines,
  ].join('\n');
}

/** As short as it can be from where the user stands. */
export function shownPath(path: string): string {
  const short = relative(process.env['INIT_CWD'] ?? process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
