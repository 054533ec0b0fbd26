import { Command } from 'commander';
import { exitCodeOf } from '../../kit/experiment/judgement.ts';
import { paintFor } from '../paint.ts';
import { exitCodesText } from './chaos-command.ts';
import { judgementText } from './judgement-text.ts';
import { judgeRecorded } from './recorded-run.ts';

export function checkCommand(done: (exitCode: number) => void): Command {
  return new Command('check')
    .description('Judge a recorded history once more. Nothing is started.')
    .argument('<history>', 'a bundle, or the history.jsonl of one')
    .addHelpText('after', `\nThe limits are those of the plan.json beside it, or the usual ones.\n${exitCodesText()}`)
    .action(async (path: string) => {
      const { events, torn, judged } = await judgeRecorded(path);
      if (torn !== null) process.stdout.write(`The last line was torn and is left out: ${torn}\n`);
      process.stdout.write(`${judgementText(judged, events, paintFor(process.stdout))}\n`);
      done(exitCodeOf(judged.overall));
    });
}
