import { Command } from 'commander';
import { checkAll } from '../../kit/checkers/check-all.ts';
import { historyOf } from '../../kit/experiment/bundle.ts';
import { exitCodeOf } from '../../kit/experiment/judgement.ts';
import { readHistory } from '../../kit/history/read-history.ts';
import { usualLimits } from '../../kit/scenarios/scenario.ts';
import { Complaint } from '../complaint.ts';
import { fromUsersFolder } from '../data-dir.ts';
import { paintFor } from '../paint.ts';
import { exitCodesText } from './chaos-command.ts';
import { judgementText } from './judgement-text.ts';

export function checkCommand(done: (exitCode: number) => void): Command {
  return new Command('check')
    .description('Judge a recorded history once more. Nothing is started.')
    .argument('<history>', 'a bundle, or the history.jsonl of one')
    .addHelpText('after', `\nThe limits are those of the plan.json beside it, or the usual ones.\n${exitCodesText()}`)
    .action(async (path: string) => {
      const { text, plan } = await historyOf(fromUsersFolder(path)).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT' ? new Complaint(`${path} has no history: ${error.message}`) : error;
      });
      const { events, torn } = readHistory(text);
      if (torn !== null) process.stdout.write(`The last line was torn and is left out: ${torn}\n`);
      const judged = checkAll(events, plan?.limits ?? usualLimits);
      process.stdout.write(`${judgementText(judged, events, paintFor(process.stdout))}\n`);
      done(exitCodeOf(judged.overall));
    });
}
