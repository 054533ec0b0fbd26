import { Command, CommanderError } from 'commander';
import { StartFailed } from '../kit/cluster/target.ts';
import { Complaint } from './complaint.ts';
import { doctorCommand } from './doctor/doctor-command.ts';
import { imagesCommand } from './images/images-command.ts';
import { keysCommand } from './keys/keys-command.ts';
import { paintFor } from './paint.ts';
import { testCommand } from './test/test-command.ts';
import { downCommand } from './up/down-command.ts';
import { statusCommand } from './up/status-command.ts';
import { upCommand } from './up/up-command.ts';

/** `test` keeps 1 for tests that failed. */
const errorCodes = { test: 3, others: 1 };

/** The `sextant` command. Gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  let exitCode = 0;
  const done = (code: number) => {
    exitCode = code;
  };
  const program = new Command('sextant')
    .description('An S3-like object store in six parts, and the instrument that measures it.')
    .showHelpAfterError('(npx sextant --help tells more)')
    .exitOverride();
  for (const command of [
    upCommand,
    downCommand,
    statusCommand,
    keysCommand,
    imagesCommand,
    testCommand,
    doctorCommand,
  ]) {
    const one = command(done).exitOverride();
    program.addCommand(one.showHelpAfterError(`(npx sextant ${one.name()} --help tells more)`));
  }
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    return explain(error, argv[2] === 'test' ? errorCodes.test : errorCodes.others);
  }
}

/** Whoever reads our output may have seen enough (`sextant doctor | head`); what we were asked to do goes on. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function explain(error: unknown, exitCode: number): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCode;
  const paint = paintFor(process.stderr);
  const isExpected = error instanceof Complaint || error instanceof StartFailed;
  const text = error instanceof Error ? (isExpected ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`${paint.red('sextant:')} ${text}\n`);
  return exitCode;
}
