import type { HistoryEvent } from '../history/events.ts';
import { type Operation, operationsOf } from '../history/operations.ts';
import { describe } from './describe.ts';
import { type Register, registersOf, valueSeen } from './register.ts';
import type { Verdict } from './verdict.ts';
import { holding, undecided, violated } from './verdict-of.ts';

const checker = 'acknowledged-readable';

/**
 * At the end, through every node that is asked for anything, each key has what was acknowledged last, or what could have come
 * after it: an acknowledged write is not found missing, replaced by an older one, or damaged.
 */
export function acknowledgedReadable(history: readonly HistoryEvent[]): Verdict {
  const finalFrom = history.findIndex((event) => event.type === 'phase' && event.phase === 'final reads');
  if (finalFrom === -1) return undecided(checker, 'there were no final reads');
  let kept = 0;
  let answered = 0;
  let unanswered: string | null = null;
  const operations = operationsOf(history);
  const nodes = new Set(operations.filter(({ from }) => from > finalFrom).map(({ node }) => node));
  for (const register of registersOf(operations).values()) {
    const owed = register.presenceDuring(finalFrom, Number.POSITIVE_INFINITY);
    const reads = register.operations.filter(({ call, from }) => call.kind === 'get' && from > finalFrom);
    answered += reads.filter(({ outcome }) => outcome === 'ok').length;
    for (const read of reads) {
      const lost = lostIn(read, register);
      if (lost !== undefined)
        return violated(checker, `${describe(read)}, where ${describe(lost)} was before`, [lost, read]);
    }
    if (owed === undefined) continue;
    // Also one that gave other keys: the time may have been over before it was asked for this one.
    const silent = [...nodes].find((node) => !reads.some((read) => read.node === node && read.outcome === 'ok'));
    if (reads.length === 0) unanswered ??= `${register.name} was not read at the end`;
    else if (silent !== undefined) unanswered ??= `${register.name} could not be read at the end through ${silent}`;
    else kept += 1;
  }
  if (unanswered !== null) return undecided(checker, unanswered);
  if (answered === 0) return undecided(checker, 'no final read was answered');
  return holding(
    checker,
    `${answered} final reads found what they must, of ${kept} keys for certain an object that was acknowledged`,
  );
}

/** What should have been read instead, if that is certain. */
function lostIn(read: Operation, register: Register): Operation | undefined {
  const { seen, from, to } = read;
  const value = valueSeen(read);
  if (value !== null) {
    const replacement = register.replacementOf(value, from);
    return replacement?.call.kind === 'put' ? replacement : undefined;
  }
  return seen?.kind === 'absent' || seen?.kind === 'content' ? register.presenceDuring(from, to) : undefined;
}
