import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { randomSeed } from '../../kit/testing/run-settings.ts';
import { allTags, parseTagFilter, type TagFilter } from '../../kit/testing/tags.ts';
import { allTiers, type Tier } from '../../kit/testing/tiers.ts';
import { fromUsersFolder } from '../data-dir.ts';
import { list, wholeNumber } from '../number-option.ts';
import { defaultSuites } from './plan.ts';
import { exitCodes, runTests } from './run-tests.ts';
import type { Shard } from './select.ts';

interface Options {
  suite?: string[];
  phase?: number;
  case?: string[];
  file?: string[];
  skipSlow?: boolean;
  tags?: TagFilter;
  parallel?: boolean;
  workers?: number;
  verbose?: boolean;
  tier: Tier;
  target: string | null;
  seed?: number;
  repeat: number;
  shard?: Shard;
  coverage?: boolean;
  reportDir?: string;
  suitesDir: string;
}

const examples = `
Examples:
  npx sextant test                              everything of ${defaultSuites.join(', ')}, hours of transfers included
  npx sextant test --skip-slow                  what "npm test" runs: minutes
  npx sextant test --suite e2e --tags '!large'
  npx sextant test --case E1,G3 --seed 42       just these, with the data of seed 42
  npx sextant test --case C5 --repeat 20        twenty seeds, one after the other

Exit codes: ${exitCodes.passed} passed, ${exitCodes.failed} failed, ${exitCodes.nothingChecked} nothing could be checked on this target, ${exitCodes.harnessError} the harness itself failed, or the selection is empty.`;

export function testCommand(done: (exitCode: number) => void): Command {
  return new Command('test')
    .description('Run the test suites and write a report.')
    .option('--suite <names>', `suites, by comma (default: ${defaultSuites.join(',')})`, list)
    .option('--phase <number>', 'only the cases of this phase of the requirements', wholeNumber(1, 3))
    .option('--case <ids>', 'only these cases, by comma, whatever their tags', list)
    .option('--file <paths>', 'only these test files or folders, by comma', list)
    .option('--skip-slow', 'leave out what takes minutes')
    .option(
      '--tags <tags>',
      `only cases with one of these tags, or without: 'concurrent', '!large' (${allTags.join(', ')})`,
      tags,
    )
    .addOption(
      new Option('--tier <tier>', 'how far the cases go: "full" repeats as often as the requirements say, for hours')
        .choices(allTiers)
        .default('fast'),
    )
    .option('--parallel', 'run several files of cases at a time (unit tests always do)')
    .option('--workers <number>', 'how many at a time with --parallel (default: 2)', wholeNumber(1, 64))
    .option('--verbose', 'show every test, and what tests print')
    .addOption(
      new Option('--target <target>', '"processes" of this machine, or "url:http://host:port" of a running store')
        .default(null, 'processes')
        .argParser(target),
    )
    .option('--seed <number>', 'decides data, choices and schedules (default: a new one)', wholeNumber(0, 2 ** 31 - 1))
    .option(
      '--repeat <times>',
      'run the selection several times; each time the seed is one higher',
      wholeNumber(1, 10_000),
      1,
    )
    .option('--shard <i/n>', 'only part i of n of the selection', shard)
    .option('--coverage', 'count covered lines of system/, in the services too; fail below 85 %')
    .option('--report-dir <dir>', 'where the report goes (default: runs/<time>)')
    .addOption(new Option('--suites-dir <dir>').default(join(repositoryRoot, 'harness')).hideHelp())
    .addHelpText('after', examples)
    .action(async (options: Options) => done(await runTests(toRun(options))));
}

function toRun(options: Options): Parameters<typeof runTests>[0] {
  return {
    suites: options.suite ?? null,
    files: (options.file ?? []).map(fromUsersFolder),
    suitesDir: fromUsersFolder(options.suitesDir),
    tier: options.tier,
    selection: {
      cases: options.case ?? [],
      tags: options.tags ?? { wanted: [], unwanted: [] },
      skipSlow: options.skipSlow ?? false,
      phase: options.phase ?? null,
      shard: options.shard ?? null,
    },
    seed: options.seed ?? randomSeed(),
    rounds: options.repeat,
    workers: options.parallel || options.workers !== undefined ? (options.workers ?? 2) : 1,
    targetUrl: options.target,
    reportDir: options.reportDir === undefined ? defaultReportDir() : fromUsersFolder(options.reportDir),
    isVerbose: options.verbose ?? false,
    hasCoverage: options.coverage ?? false,
  };
}

function defaultReportDir(): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  return join(repositoryRoot, 'runs', `${time}-${process.pid}`);
}

function tags(text: string): TagFilter {
  try {
    return parseTagFilter(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

/** The REST URL, or null for processes. */
function target(text: string): string | null {
  if (text === 'processes') return null;
  const url = text.startsWith('url:') ? text.slice('url:'.length) : '';
  if (!/^http:\/\//.test(url) || !URL.canParse(url)) {
    throw new InvalidArgumentError('It must be "processes" or "url:http://host:port".');
  }
  return new URL(url).origin;
}

function shard(text: string): Shard {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || of === undefined || index < 1 || index > of) {
    throw new InvalidArgumentError('It must be like 2/3: the second of three parts.');
  }
  return { index, of };
}
