import { rename, rm } from 'node:fs/promises';
import { Command } from 'commander';
import { exitCodes } from '../../kit/experiment/judgement.ts';
import type { Plan } from '../../kit/experiment/plan.ts';
import { type Fails, shrinkPlan } from '../../kit/experiment/shrink-plan.ts';
import { duration, type Paint } from '../../report/summary.ts';
import { fromUsersFolder } from '../data-dir.ts';
import { wholeNumber } from '../number-option.ts';
import { paintFor } from '../paint.ts';
import { type Attempt, free } from './attempt.ts';
import { untilInterrupted } from './interruption.ts';
import { many, planText } from './plan-text.ts';
import { prepare } from './prepare.ts';
import { again, violatedBy } from './repeat.ts';
import { planOfFolder } from './reproduce-command.ts';
import { attemptText } from './run-one.ts';

interface Options {
  times: number;
  minutes: number;
}

const help = `
It leaves out faults, then clients, then operations, as long as the run still breaks one of the promises that the whole plan
breaks, and writes the smallest plan that did as a bundle beside the first. A plan that fails only sometimes needs --times.

Exit codes: ${exitCodes.pass} it is smaller now, ${exitCodes.unknown} it did not fail, so nothing could be left out, ${exitCodes.harnessError} the harness failed.`;

export function shrinkCommand(done: (exitCode: number) => void): Command {
  return new Command('shrink')
    .description('Find the smallest part of a plan that still fails.')
    .argument('<bundle>', 'the folder that a failing run left in runs/')
    .option('--times <number>', 'run each candidate at most so often until it fails', wholeNumber(1, 1000), 2)
    .option('--minutes <number>', 'be content with what was found by then', wholeNumber(1, 24 * 60), 60)
    .addHelpText('after', help)
    .action(async (bundle: string, options: Options) => {
      const plan = await planOfFolder(bundle);
      done(await untilInterrupted((signal) => shrink(plan, fromUsersFolder(bundle), options, signal)));
    });
}

async function shrink(plan: Plan, bundleDir: string, options: Options, signal: AbortSignal): Promise<number> {
  const paint = paintFor(process.stdout);
  await using _ready = await prepare(plan);
  process.stdout.write(`${planText(plan)}\n`);
  const candidates = new Candidates({ ...options, bundleDir: `${bundleDir}-shrinking`, signal, paint });
  if (!(await candidates.fails(plan))) {
    process.stdout.write(
      `It did not fail in ${many(candidates.runs, 'run')}, so nothing can be left out. --times tries more often.\n`,
    );
    return exitCodes.unknown;
  }
  const small = await shrinkPlan(plan, candidates.fails);
  const was = sizeText(plan);
  process.stdout.write(`\nFrom ${was} to ${sizeText(small)} in ${many(candidates.runs, 'run')}:\n${planText(small)}\n`);
  if (candidates.smallest !== undefined) {
    const shrunk = { ...candidates.smallest, bundleDir: free(`${bundleDir}-shrunk`) };
    await rename(candidates.smallest.bundleDir, shrunk.bundleDir);
    process.stdout.write(`${attemptText(shrunk, paint)}\n`);
  }
  return exitCodes.pass;
}

interface CandidateOptions extends Options {
  readonly bundleDir: string;
  readonly signal: AbortSignal;
  readonly paint: Paint;
}

/** Runs candidates, and keeps the bundle of the smallest that failed as the first one did. */
class Candidates {
  runs = 0;
  smallest: Attempt | undefined;
  readonly #options: CandidateOptions;
  readonly #untilMs: number;
  /** What the whole plan broke: another failure is another bug. */
  #violated: readonly string[] | undefined;

  constructor(options: CandidateOptions) {
    this.#options = options;
    this.#untilMs = performance.now() + options.minutes * 60_000;
  }

  readonly fails: Fails = async (plan) => {
    const { times, bundleDir, signal } = this.#options;
    for (let n = 0; n < times && !signal.aborted && performance.now() < this.#untilMs; n++) {
      const run = await again(plan, bundleDir, signal);
      this.runs += 1;
      const isSame = violatedBy(run).some((checker) => this.#violated?.includes(checker) ?? true);
      this.#tell(plan, run, isSame);
      const dropped = isSame ? this.smallest : run;
      if (isSame) this.smallest = run;
      if (dropped !== undefined) await rm(dropped.bundleDir, { recursive: true, force: true });
      this.#violated ??= isSame ? violatedBy(run) : undefined;
      if (isSame) return true;
    }
    return false;
  };

  #tell(plan: Plan, run: Attempt, isSame: boolean): void {
    const { paint } = this.#options;
    const failed = isSame ? paint.red('fails') : 'error' in run ? paint.yellow('error') : 'holds';
    const leftMs = Math.max(0, this.#untilMs - performance.now());
    const left = paint.dim(`at most ${duration(Math.round(leftMs / 1000) * 1000)} left`);
    process.stdout.write(`${String(this.runs).padStart(4)}  ${failed}  with ${sizeText(plan)}  ${left}\n`);
  }
}

function sizeText({ faults, clients }: Plan): string {
  const operations = clients.reduce((sum, client) => sum + client.operations.length, 0);
  return [many(faults.length, 'fault'), many(clients.length, 'client'), many(operations, 'operation')].join(', ');
}
