import { Command } from 'commander';
import { writeTimeline } from '../../report/timeline/write-timeline.ts';
import { judgeRecorded } from './recorded-run.ts';
import { shownPath } from './run-one.ts';

const help = `
Phases, faults, what the gateways had in hand, what every part of the store logged as wrong, and all operations, one below the other;
what shows a violation is marked. The page stands alone: it can be sent to somebody. Every run writes it; this does it anew.

Examples:
  npx sextant timeline runs/chaos-7-node-crashes
`;

export function timelineCommand(done: (exitCode: number) => void): Command {
  return new Command('timeline')
    .description('Draw a recorded run as a page to look at in a browser.')
    .argument('<bundle>', 'the folder that a run has left')
    .addHelpText('after', help)
    .action(async (path: string) => {
      const { dir, events, judged } = await judgeRecorded(path);
      const file = await writeTimeline(dir, events, judged);
      process.stdout.write(`${shownPath(file)}\n`);
      done(0);
    });
}
