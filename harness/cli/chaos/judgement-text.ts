import type { Verdict } from '../../kit/checkers/verdict.ts';
import type { Judgement } from '../../kit/experiment/judgement.ts';
import type { HistoryEvent } from '../../kit/history/events.ts';
import type { Paint } from '../../report/summary.ts';
import { evidenceLines } from './evidence.ts';

/** Every verdict, and for each that is false the operations and faults that show it. */
export function judgementText(
  { verdicts, overall }: Pick<Judgement, 'verdicts' | 'overall'>,
  history: readonly HistoryEvent[],
  paint: Paint,
): string {
  const width = Math.max(...verdicts.map(({ checker }) => checker.length));
  const lines = verdicts.flatMap(({ checker, holds, because, operations }) => [
    `${mark(holds, paint)} ${checker.padEnd(width)}  ${because}`,
    ...(holds === false ? evidenceLines(history, operations).map((line) => `      ${line}`) : []),
  ]);
  return [...lines, `${word(overall, paint)}`].join('\n');
}

export function word(holds: Verdict['holds'], paint: Paint): string {
  if (holds === 'unknown') return paint.yellow('unknown');
  return holds ? paint.green('pass') : paint.red('FAIL');
}

function mark(holds: Verdict['holds'], paint: Paint): string {
  if (holds === 'unknown') return paint.yellow('?');
  return holds ? paint.green('✓') : paint.red('✗');
}
