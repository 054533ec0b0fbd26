import type { HistoryEvent } from '../history/events.ts';
import { type Operation, operationsOf } from '../history/operations.ts';
import { describe } from './describe.ts';
import type { Checker } from './verdict.ts';
import { holding, undecided, violated } from './verdict-of.ts';

const checker = 'recovers';

/** Once all faults are healed, the store serves again within its time, and at the end it refuses no key for half of that time. */
export function recovers(recoveryMs: number): Checker {
  return (history) => {
    const began = history.find((event) => event.type === 'phase' && event.phase === 'recover');
    if (began === undefined) return undecided(checker, 'the run ended before the store was asked to recover');
    const recovered = history.find((event) => event.type === 'recovered');
    if (recovered === undefined) return violated(checker, `it did not serve again within ${recoveryMs} ms`, []);
    const tookMs = Math.round((recovered.at - began.at) / 1000);
    if (tookMs > recoveryMs) {
      return violated(checker, `it served again after ${tookMs} ms, and ${recoveryMs} are allowed`, []);
    }
    const refused = refusedAtTheEnd(history, recoveryMs / 2);
    if (refused === undefined) return holding(checker, `it served again after ${tookMs} ms`);
    const because = `${describe(refused.last)}, and so each time for ${refused.forMs} ms after all was healed`;
    return violated(checker, because, [refused.first, refused.last]);
  };
}

interface Refused {
  readonly first: Operation;
  readonly last: Operation;
  readonly forMs: number;
}

/** A final read that was asked again and again, and refused each time, for at least so long. */
function refusedAtTheEnd(history: readonly HistoryEvent[], longestMs: number): Refused | undefined {
  const finalFrom = history.findIndex((event) => event.type === 'phase' && event.phase === 'final reads');
  if (finalFrom === -1) return undefined;
  const reads = operationsOf(history).filter(({ from }) => from > finalFrom);
  for (const same of Map.groupBy(reads, ({ node, call }) => JSON.stringify([node, call])).values()) {
    const [first, last] = [same[0], same.at(-1)];
    if (first === undefined || last === undefined || same.some(({ outcome }) => outcome !== 'fail')) continue;
    const forMs = Math.round(((last.endedAt ?? first.invokedAt) - first.invokedAt) / 1000);
    if (same.length > 1 && forMs >= longestMs) return { first, last, forMs };
  }
  return undefined;
}
