import { Command, Option } from 'commander';
import { exitCodes } from '../../kit/experiment/judgement.ts';
import { allScenarios, scenarioNamed, scenarioNames } from '../../kit/scenarios/all.ts';
import { planOf, recipeOf, type Size } from '../../kit/scenarios/scenario.ts';
import { swarm } from '../../kit/scenarios/swarm.ts';
import { randomSeed } from '../../kit/testing/run-settings.ts';
import { Complaint } from '../complaint.ts';
import { wholeNumber } from '../number-option.ts';
import { paintFor } from '../paint.ts';
import { runsDirFrom } from './attempt.ts';
import { recipeText } from './recipe-text.ts';
import { runMany } from './run-many.ts';
import { runOne } from './run-one.ts';

interface Options {
  scenario?: string;
  list?: boolean;
  swarm?: boolean;
  seed?: number;
  minutes?: number;
  seconds?: number;
  runs: number;
  keepGoing?: boolean;
  keep?: boolean;
  runsDir?: string;
  mutant?: string;
  target: Size['target'];
}

const defaultSeconds = 30;

const examples = `
A run starts a store of its own, has clients write and read while faults come and go, heals everything, waits until the
store serves and has mended itself, reads every key once more, looks at the disks, and judges what was observed. All of it
follows from scenario, seed and length. It leaves a bundle in runs/: plan, history, verdict, versions, settings, logs.

Examples:
  npx sextant chaos --list                                    what scenarios there are
  npx sextant chaos --scenario node-crashes --seed 7          ${defaultSeconds} s of load
  npx sextant chaos --scenario disk-damage --minutes 5
  npx sextant chaos --swarm --runs 100 --seconds 30           a new mix of everything for each run
  npx sextant reproduce runs/chaos-7-node-crashes --times 10  how often it fails
  npx sextant shrink runs/chaos-7-node-crashes                the smallest plan that still fails

${exitCodesText()}
docs/chaos.md shows how to write a scenario in ten lines.`;

export function exitCodesText(): string {
  const { pass, fail, unknown, harnessError } = exitCodes;
  return `Exit codes: ${pass} every promise held, ${fail} one was broken, ${unknown} it cannot be told, ${harnessError} the harness failed or the store never came up.`;
}

export function chaosCommand(done: (exitCode: number) => void): Command {
  return new Command('chaos')
    .description('Break a store under load and judge what it promised.')
    .addOption(new Option('--scenario <name>', 'what to try (--list tells more)').choices(scenarioNames))
    .option('--swarm', 'draw everything from the seed: store, workload and faults')
    .option('--list', 'list the scenarios')
    .option('--seed <number>', 'decides everything else (default: a new one)', wholeNumber(0, 2 ** 31 - 1))
    .option('--minutes <number>', 'how long the load lasts', wholeNumber(1, 24 * 60))
    .option('--seconds <number>', `the same in seconds (default: ${defaultSeconds})`, wholeNumber(3, 24 * 3600))
    .option('--runs <number>', 'so many runs, each with a seed one higher', wholeNumber(1, 100_000), 1)
    .option('--keep-going', 'with several runs: do not stop at the first that fails')
    .option('--keep', "keep the store's data in the bundle too")
    .option('--runs-dir <dir>', 'where bundles go (default: runs)')
    .option('--mutant <name>', 'run on a store with this planted bug (harness/mutants)')
    .addOption(
      new Option('--target <target>', 'what the store is made of')
        .choices(['processes', 'containers'])
        .default('processes'),
    )
    .addHelpText('after', examples)
    .action(async (options: Options) => done(await run(options)));
}

async function run(options: Options): Promise<number> {
  const paint = paintFor(process.stdout);
  if (options.list === true) {
    const width = Math.max(...allScenarios.map(({ name }) => name.length));
    for (const { name, summary } of allScenarios) process.stdout.write(`${name.padEnd(width)}  ${summary}\n`);
    return exitCodes.pass;
  }
  const name = options.swarm === true ? swarm.name : options.scenario;
  if (name === undefined) throw new Complaint('say what to try: --scenario NAME, --swarm, or --list for the names');
  const scenario = scenarioNamed(name);
  const from = options.seed ?? randomSeed();
  const runs = Array.from({ length: options.runs }, (_, n) => {
    const size = sizeOf(options, from + n);
    return { plan: planOf(scenario, size), recipe: recipeText(recipeOf(scenario, size.seed)) };
  });
  const keepsData = options.keep ?? false;
  const runsDir = runsDirFrom(options.runsDir);
  const [only] = runs;
  if (runs.length > 1 || only === undefined) {
    return runMany({ runs, runsDir, keepsData, keepsGoing: options.keepGoing ?? false, paint });
  }
  return runOne({ ...only, runsDir, keepsData, paint });
}

function sizeOf({ minutes, seconds, target, mutant }: Options, seed: number): Size {
  const loadMs = minutes !== undefined ? minutes * 60_000 : (seconds ?? defaultSeconds) * 1000;
  return { seed: String(seed), loadMs, target, mutant: mutant ?? null };
}
