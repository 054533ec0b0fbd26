import { Command, CommanderError } from 'commander';
import { StartFailed } from '../kit/cluster/target.ts';
import { MalformedPlan } from '../kit/experiment/read-plan.ts';
import { MalformedHistory } from '../kit/history/read-history.ts';
import { chaosCommand } from './chaos/chaos-command.ts';
import { checkCommand } from './chaos/check-command.ts';
import { reproduceCommand } from './chaos/reproduce-command.ts';
import { shrinkCommand } from './chaos/shrink-command.ts';
import { timelineCommand } from './chaos/timeline-command.ts';
import { Complaint } from './complaint.ts';
import { doctorCommand } from './doctor/doctor-command.ts';
import { imagesCommand } from './images/images-command.ts';
import { keysCommand } from './keys/keys-command.ts';
import { mutantsCommand } from './mutants/mutants-command.ts';
import { paintFor } from './paint.ts';
import { testCommand } from './test/test-command.ts';
import { downCommand } from './up/down-command.ts';
import { statusCommand } from './up/status-command.ts';
import { upCommand } from './up/up-command.ts';

/** These keep 1 for what they found. */
const judges = ['test', 'mutants', 'chaos', 'reproduce', 'shrink', 'check'];
const errorCodes = { judges: 3, others: 1 };

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
    chaosCommand,
    reproduceCommand,
    shrinkCommand,
    checkCommand,
    timelineCommand,
    mutantsCommand,
    doctorCommand,
  ]) {
    const one = command(done).exitOverride();
    program.addCommand(one.showHelpAfterError(`(npx sextant ${one.name()} --help tells more)`));
  }
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    return explain(error, judges.includes(argv[2] ?? '') ? errorCodes.judges : errorCodes.others);
  }
}

/** Whoever reads our output may have seen enough (`sextant doctor | head`); what we were asked to do goes on. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Their messages say it all. */
const expected = [Complaint, StartFailed, MalformedPlan, MalformedHistory];

function explain(error: unknown, exitCode: number): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCode;
  const paint = paintFor(process.stderr);
  const isExpected = expected.some((kind) => error instanceof kind);
  const text = error instanceof Error ? (isExpected ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`${paint.red('sextant:')} ${text}\n`);
  return exitCode;
}
