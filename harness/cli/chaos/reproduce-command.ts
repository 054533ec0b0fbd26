import { Command, Option } from 'commander';
import { planOfBundle } from '../../kit/experiment/bundle.ts';
import { exitCodes, worstOf } from '../../kit/experiment/judgement.ts';
import type { Plan } from '../../kit/experiment/plan.ts';
import { scenarioNamed, scenarioNames } from '../../kit/scenarios/all.ts';
import { planOf } from '../../kit/scenarios/scenario.ts';
import { duration } from '../../report/summary.ts';
import { Complaint } from '../complaint.ts';
import { fromUsersFolder } from '../data-dir.ts';
import { wholeNumber } from '../number-option.ts';
import { paintFor } from '../paint.ts';
import type { Attempt } from './attempt.ts';
import { newBundleDir, runsDirFrom } from './attempt.ts';
import { exitCodesText } from './chaos-command.ts';
import { untilInterrupted } from './interruption.ts';
import { word } from './judgement-text.ts';
import { planText } from './plan-text.ts';
import { prepare } from './prepare.ts';
import { again, violatedBy } from './repeat.ts';
import { attemptText, runOne, shownPath } from './run-one.ts';

interface Options {
  scenario?: string;
  seconds?: number;
  times: number;
  mutant?: string;
  runsDir?: string;
}

const defaultSeconds = 30;

const examples = `
Examples:
  npx sextant reproduce runs/chaos-7-node-crashes             the plan of that run, once more
  npx sextant reproduce runs/chaos-7-node-crashes --times 10  how often it fails
  npx sextant reproduce 7 --scenario node-crashes             the same from its seed

${exitCodesText()}
With --times: 1 when any run failed.`;

export function reproduceCommand(done: (exitCode: number) => void): Command {
  return new Command('reproduce')
    .description('Run a plan again: that of a bundle, or that of a seed.')
    .argument('<bundle-or-seed>', 'a folder in runs/, or a number')
    .addOption(new Option('--scenario <name>', 'with a seed: of this scenario').choices(scenarioNames))
    .option(
      '--seconds <number>',
      `with a seed: how long the load lasts (default: ${defaultSeconds})`,
      wholeNumber(3, 24 * 3600),
    )
    .option('--times <number>', 'so many times', wholeNumber(1, 10_000), 1)
    .option('--runs-dir <dir>', 'where bundles go (default: runs)')
    .option('--mutant <name>', 'on a store with this planted bug, whatever the bundle says')
    .addHelpText('after', examples)
    .action(async (what: string, options: Options) => {
      const plan = await wantedPlan(what, options);
      const paint = paintFor(process.stdout);
      const runsDir = runsDirFrom(options.runsDir);
      done(
        options.times === 1
          ? await runOne({ plan, runsDir, keepsData: false, paint })
          : await repeat(plan, runsDir, options.times),
      );
    });
}

async function wantedPlan(what: string, { scenario, seconds, mutant }: Options): Promise<Plan> {
  const plan = /^\d+$/.test(what) ? planOfSeed(what, scenario, seconds) : await planOfFolder(what);
  return mutant === undefined ? plan : { ...plan, cluster: { ...plan.cluster, mutant } };
}

function planOfSeed(seed: string, scenario: string | undefined, seconds = defaultSeconds): Plan {
  if (scenario === undefined) throw new Complaint(`say of which scenario seed ${seed} is: --scenario NAME`);
  return planOf(scenarioNamed(scenario), { seed, loadMs: seconds * 1000, target: 'processes', mutant: null });
}

/** Throws a Complaint where there is no bundle. */
export async function planOfFolder(path: string): Promise<Plan> {
  const dir = fromUsersFolder(path);
  return await planOfBundle(dir).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Complaint(`${path} is no bundle: there is no plan.json in it`) : error;
  });
}

async function repeat(plan: Plan, runsDir: string, times: number): Promise<number> {
  const paint = paintFor(process.stdout);
  await using _ready = await prepare(plan);
  process.stdout.write(`${planText(plan)}\n`);
  const bundleDir = newBundleDir(runsDir, plan);
  const beganMs = performance.now();
  return await untilInterrupted(async (signal) => {
    const runs: Attempt[] = [];
    while (runs.length < times && !signal.aborted) {
      const run = await again(plan, bundleDir, signal);
      runs.push(run);
      const leftMs = ((performance.now() - beganMs) / runs.length) * (times - runs.length);
      const left = leftMs === 0 ? '' : paint.dim(`, about ${duration(Math.round(leftMs / 1000) * 1000)} left`);
      const kept = run.exitCode === exitCodes.pass ? '' : `  ${shownPath(run.bundleDir)}`;
      process.stdout.write(`${runs.length}/${times}  ${resultOf(run)}${kept}${left}\n`);
    }
    const worst = worstOf(runs.map(({ exitCode }) => exitCode));
    const shown = runs.find(({ exitCode }) => exitCode === worst);
    if (worst !== exitCodes.pass && shown !== undefined) process.stdout.write(`\n${attemptText(shown, paint)}\n`);
    const failed = runs.filter(({ exitCode }) => exitCode === exitCodes.fail).length;
    // The run that was stopped has shown nothing.
    const whole = signal.aborted ? runs.length - 1 : runs.length;
    process.stdout.write(`It failed ${failed} times of ${whole}.\n`);
    return worst;
  });

  function resultOf(run: Attempt): string {
    if ('error' in run) return paint.red('error');
    return [word(run.outcome.judgement.overall, paint), ...violatedBy(run)].join('  ');
  }
}
