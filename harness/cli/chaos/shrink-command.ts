import { rename } from 'node:fs/promises';
import { Command } from 'commander';
import { brokenIn } from '../../kit/experiment/bundle.ts';
import { exitCodes } from '../../kit/experiment/judgement.ts';
import type { Plan } from '../../kit/experiment/plan.ts';
import { shrinkPlan } from '../../kit/experiment/shrink-plan.ts';
import { fromUsersFolder } from '../data-dir.ts';
import { wholeNumber } from '../number-option.ts';
import { paintFor } from '../paint.ts';
import { free } from './attempt.ts';
import { Candidates, sizeText } from './candidates.ts';
import { untilInterrupted } from './interruption.ts';
import { many, planText } from './plan-text.ts';
import { prepare } from './prepare.ts';
import { planOfFolder } from './reproduce-command.ts';
import { attemptText } from './run-one.ts';

interface Options {
  times: number;
  minutes: number;
}

const help = `
It leaves out faults, then clients, then operations, as long as a run still breaks one of the promises that the bundle tells of as
broken (where it tells of none: one that the whole plan breaks), and writes the smallest plan that did as a bundle beside the
first. A plan that fails only sometimes needs --times.

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
  const broken = await brokenIn(bundleDir);
  const candidates = new Candidates({ ...options, bundleDir: `${bundleDir}-shrinking`, signal, paint, broken });
  if (!(await candidates.fails(plan))) {
    process.stdout.write(
      `It did not ${broken.length === 0 ? 'fail' : `break ${broken.join(' or ')}`} in ${many(candidates.runs, 'run')}, so nothing can be left out. --times tries more often.\n`,
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
