import { Command } from 'commander';
import type { Paint } from '../../report/summary.ts';
import { dataDirFrom, defaultDataDirName } from '../data-dir.ts';
import { paintFor } from '../paint.ts';
import { type Finding, machineFindings } from './machine.ts';
import { toolFindings } from './tools.ts';

export function doctorCommand(done: (exitCode: number) => void): Command {
  return new Command('doctor')
    .description('Check whether this machine has what the store and its tests need. Exits with 1 when not.')
    .option('--data-dir <dir>', `where the data would lie (default: ${defaultDataDirName} in the repository)`)
    .action(async (flags: { dataDir?: string }) => {
      const paint = paintFor(process.stdout);
      const required = await machineFindings(dataDirFrom(flags.dataDir));
      const optional = await toolFindings();
      process.stdout.write(`${paint.bold('Needed')}\n${lines(required, paint)}\n`);
      process.stdout.write(`${paint.bold('Optional, for some suites')}\n${lines(optional, paint)}\n`);
      const bad = required.filter(({ state }) => state === 'bad').length;
      process.stdout.write(
        bad === 0 ? 'Everything that is needed is there.\n' : `${bad} of these must be put right first.\n`,
      );
      done(bad === 0 ? 0 : 1);
    });
}

function lines(findings: readonly Finding[], paint: Paint): string {
  const marks = { good: paint.green('✓'), weak: paint.yellow('!'), bad: paint.red('✗') };
  return findings
    .map(({ what, state, found, advice }) => {
      const hint = state === 'good' || advice === '' ? '' : `\n      ${advice}`;
      return `  ${marks[state]} ${what.padEnd(22)} ${found}${hint}`;
    })
    .join('\n');
}
