import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { randomSeed } from '../../kit/testing/run-settings.ts';
import { allTags, parseTagFilter, type TagFilter } from '../../kit/testing/tags.ts';
import { ownProcesses, s3KeyVariables, type TargetChoice } from '../../kit/testing/target-choice.ts';
import { allTiers, type Tier } from '../../kit/testing/tiers.ts';
import { Complaint } from '../complaint.ts';
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
  target: Pick<TargetChoice, 'target' | 'targetUrl'>;
  s3?: string;
  accessKey?: string;
  secretKey?: string;
  postgres: 15 | 18;
  installEngine?: boolean;
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
      new Option(
        '--target <target>',
        '"processes" of this machine, "containers", or "url:http://[key@]host:port" of a running store',
      )
        .default({ target: 'processes', targetUrl: null }, 'processes')
        .argParser(target),
    )
    .option('--s3 <url>', 'the S3 interface of a running store, of ours or of others', s3Url)
    .option('--access-key <key>', `for --s3; default: the variable ${s3KeyVariables.access}`)
    .option('--secret-key <key>', `for --s3; default: the variable ${s3KeyVariables.secret}`)
    .addOption(
      new Option('--postgres <version>', 'with containers: the version of PostgreSQL, 18 or 15')
        .default(18)
        .argParser(postgresVersion),
    )
    .option('--install-engine', 'with containers, as root on Debian: install an engine where there is none')
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
    ...targetOf(options),
    mayInstallEngine: options.installEngine ?? process.env['CI'] === 'true',
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

function target(text: string): Options['target'] {
  if (text === 'processes' || text === 'containers') return { target: text, targetUrl: null };
  const url = text.startsWith('url:') ? text.slice('url:'.length) : '';
  if (!/^http:\/\//.test(url) || !URL.canParse(url)) {
    throw new InvalidArgumentError('It must be "processes", "containers" or "url:http://host:port".');
  }
  const { username, origin, host } = new URL(url);
  return { target: 'url', targetUrl: username === '' ? origin : `http://${username}@${host}` };
}

/** An S3 interface alone is a running store too. */
function targetOf({ target: wanted, s3, accessKey, secretKey, postgres }: Options): TargetChoice {
  const chosen = { ...ownProcesses, ...wanted, postgresVersion: postgres };
  if (s3 === undefined) return chosen;
  if (wanted.target === 'containers') throw new Complaint('--s3 is for a store that runs already, not for containers');
  const s3AccessKey = accessKey ?? process.env[s3KeyVariables.access] ?? null;
  const s3SecretKey = secretKey ?? process.env[s3KeyVariables.secret] ?? null;
  if (s3AccessKey === null || s3SecretKey === null) {
    throw new Complaint(`--s3 needs --access-key and --secret-key, or ${Object.values(s3KeyVariables).join(' and ')}`);
  }
  return { ...chosen, target: 'url', s3Url: s3, s3AccessKey, s3SecretKey };
}

function s3Url(text: string): string {
  if (!/^http:\/\//.test(text) || !URL.canParse(text)) throw new InvalidArgumentError('It must be http://host:port.');
  return new URL(text).origin;
}

function postgresVersion(text: string): 15 | 18 {
  if (text === '15') return 15;
  if (text === '18') return 18;
  throw new InvalidArgumentError('It must be 15 or 18.');
}

function shard(text: string): Shard {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || of === undefined || index < 1 || index > of) {
    throw new InvalidArgumentError('It must be like 2/3: the second of three parts.');
  }
  return { index, of };
}
