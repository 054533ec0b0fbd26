import type { HistoryEvent } from '../history/events.ts';
import { type Operation, operationsOf } from '../history/operations.ts';
import { describe } from './describe.ts';
import { type Register, registersOf } from './register.ts';
import type { Verdict } from './verdict.ts';
import { holding, undecided, violated } from './verdict-of.ts';

const checker = 'whole-bytes';

/** Every answer to a read is the whole of one value that was put to that key, byte by byte; and no write is acknowledged as another. */
export function wholeBytes(history: readonly HistoryEvent[]): Verdict {
  let reads = 0;
  for (const register of registersOf(operationsOf(history)).values()) {
    for (const operation of register.operations) {
      const { seen } = operation;
      if (seen?.kind === 'content') reads += 1;
      const complaint = seen?.kind === 'written' ? (seen.wrong ?? null) : complaintOf(operation, register);
      if (complaint === null) continue;
      const puts = seen?.kind === 'content' && seen.value !== null ? register.putsOf(seen.value) : [];
      const told = describe(operation);
      return violated(checker, told.endsWith(complaint) ? told : `${told}: ${complaint}`, [...puts, operation]);
    }
  }
  if (reads === 0) return undecided(checker, 'no read found an object');
  return holding(checker, `${reads} reads found nothing but whole values of their keys`);
}

function complaintOf({ seen, to }: Operation, register: Register): string | null {
  if (seen?.kind !== 'content') return null;
  if (seen.wrong !== null) return seen.wrong;
  if (seen.value === null) return 'these bytes are no value of the run';
  const puts = register.putsOf(seen.value);
  if (puts.length === 0) return `${seen.value} was never put to this key`;
  if (puts.every(({ from }) => from > to)) return `${seen.value} was put later`;
  const neverWritten = puts.every((put) => put.outcome === 'fail' || put.seen?.kind === 'refused');
  return neverWritten ? `the put of ${seen.value} certainly had no effect` : null;
}
