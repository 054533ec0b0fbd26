import type { HistoryEvent } from '../history/events.ts';
import type { Verdict } from './verdict.ts';
import { holding, inShort, undecided, violated } from './verdict-of.ts';

const checker = 'census';

/** After the store had time to mend, the disks hold every replica that the tables promise, and neither has anything else. */
export function census(history: readonly HistoryEvent[]): Verdict {
  const last = history.findLast((event) => event.type === 'census');
  if (last === undefined) return undecided(checker, 'there was no census');
  const found = Object.entries({ orphans: last.orphans, missing: last.missing, leaked: last.leaked })
    .filter(([, things]) => things.length > 0)
    .map(([what, things]) => `${what}: ${inShort(things)}`);
  if (found.length > 0) return violated(checker, found.join('; '), []);
  return holding(checker, 'the disks hold what the tables promise, and nothing else');
}
