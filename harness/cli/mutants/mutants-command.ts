import { join } from 'node:path';
import { Command, Option } from 'commander';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { mutantsDir } from '../../kit/mutants/mutant.ts';
import { fromUsersFolder } from '../data-dir.ts';
import { list, wholeNumber } from '../number-option.ts';
import { exitCodes } from '../test/run-tests.ts';
import { listText, runMutants } from './run-mutants.ts';

interface Options {
  only: string[];
  list?: boolean;
  suiteBudget: number;
  seed: number;
  verifyClean: boolean;
  reportDir?: string;
  mutantsDir: string;
}

const help = `
Each planted bug (harness/mutants) is applied to a copy of the tree, and the checks that are to catch it run there
until one of the suites does and, where it names some, one of the runs under faults. A check that fails without the bug too, at the same seed, has caught nothing.

Examples:
  npx sextant mutants --list
  npx sextant mutants --only 28,delete-marker-ignored
  npx sextant mutants --seed 7
  npx sextant mutants --only 01,02 --report-dir DIR     one part of a report; the next into the same folder joins it

Exit codes: ${exitCodes.passed} all were caught, ${exitCodes.failed} some were missed, caught by a suite and not by the run under faults that they name, or do not apply any more, ${exitCodes.harnessError} some could not be decided, or the harness itself failed.`;

export function mutantsCommand(done: (exitCode: number) => void): Command {
  return new Command('mutants')
    .description('Plant known bugs in the store, and see whether the suites catch them.')
    .option('--only <names>', 'only these, by name or number, by comma', list, [])
    .option('--list', 'show the planted bugs, and run nothing')
    .option('--suite-budget <seconds>', 'how long one check may take', wholeNumber(1, 7_200), 600)
    .option('--seed <number>', 'of the checks: decides data, choices and schedules', wholeNumber(0, 2 ** 31 - 1), 1)
    .option('--verify-clean', 'run each check that fails without the bug too (the default)', true)
    .option('--no-verify-clean', 'believe a check that fails')
    .option('--report-dir <dir>', 'where mutants.json, mutants.md and the logs go (default: runs/<time>-mutants)')
    .addOption(new Option('--mutants-dir <dir>').default(mutantsDir).hideHelp())
    .addHelpText('after', help)
    .action(async ({ only, suiteBudget, seed, verifyClean, reportDir, mutantsDir, ...options }: Options) => {
      if (options.list) {
        process.stdout.write(listText({ mutantsDir, only }));
        return done(exitCodes.passed);
      }
      const dir = reportDir === undefined ? defaultReportDir() : fromUsersFolder(reportDir);
      done(await runMutants({ mutantsDir, only, seed, budgetMs: suiteBudget * 1000, verifyClean, reportDir: dir }));
    });
}

function defaultReportDir(): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  return join(repositoryRoot, 'runs', `${time}-mutants`);
}
