import { operationsOf } from '../history/operations.ts';
import { describe } from './describe.ts';
import type { Checker } from './verdict.ts';
import { holding, undecided, violated } from './verdict-of.ts';

const checker = 'bounded-unavailability';
/** For a client that is itself late on a busy machine. */
const slackMs = 5_000;

/** Whatever becomes of an operation, it ends in time: nobody waits for ever. */
export function boundedUnavailability(operationMs: number): Checker {
  return (history) => {
    const longestMs = operationMs + slackMs;
    const endOfRun = history.at(-1)?.at ?? 0;
    const operations = operationsOf(history);
    const tookMs = ({ invokedAt, endedAt }: (typeof operations)[number]) => ((endedAt ?? endOfRun) - invokedAt) / 1000;
    const late = operations.find((operation) => tookMs(operation) > longestMs);
    if (late !== undefined) {
      const because = `${describe(late)}, after ${tookMs(late).toFixed(0)} ms, and at most ${longestMs} are allowed`;
      return violated(checker, because, [late]);
    }
    const open = operations.filter(({ outcome }) => outcome === 'open');
    if (open.length > 0) return undecided(checker, `the run ended before ${open.length} operations did`);
    return holding(checker, `all ${operations.length} operations ended within ${longestMs} ms`);
  };
}
