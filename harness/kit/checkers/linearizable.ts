import { type Operation, operationsOf } from '../history/operations.ts';
import { describe, registerOf } from './describe.ts';
import { evidenceOf } from './register-evidence.ts';
import { searchOrder } from './register-search.ts';
import { stepsOf } from './register-step.ts';
import type { Checker, Verdict } from './verdict.ts';

const checker = 'linearizable';

/**
 * Each key behaves as one register that is written, deleted and read at one moment between an operation's begin and end; a put
 * with a condition tests and writes at the same moment. Keys are judged one by one: a history has an order when that
 * of each key has one (Herlihy and Wing, 1990). `configurationsMax` bounds the search for a key; past it, that key is unknown.
 */
export function linearizableWithin(configurationsMax: number): Checker {
  return (history) => {
    let violated: Verdict | undefined;
    let others = 0;
    const undecided: string[] = [];
    const registers = byRegister(operationsOf(history));
    for (const [register, operations] of registers) {
      const steps = stepsOf(operations);
      const { exists } = searchOrder(steps, configurationsMax);
      if (exists === 'unknown') undecided.push(register);
      if (exists !== false) continue;
      // One violation is shown whole; of the others, their number is enough.
      if (violated !== undefined) others += 1;
      else violated = violation(register, operations, evidenceOf(steps, evidenceEffort * configurationsMax));
    }
    if (violated !== undefined) {
      return others === 0 ? violated : { ...violated, because: `${violated.because} (and so ${others} more keys)` };
    }
    const because =
      undecided.length === 0
        ? `the operations on each of ${registers.size} keys have an order that explains what they saw`
        : `${undecided.length} of ${registers.size} keys were not decided within ${configurationsMax} configurations: ${undecided[0]}`;
    return { checker, holds: undecided.length === 0 ? true : 'unknown', because, operations: [] };
  };
}

/** To show a violation may cost so many times what it may cost to find it. */
const evidenceEffort = 4;
const shownMax = 5;

function violation(register: string, operations: readonly Operation[], evidence: readonly number[]): Verdict {
  const shown = operations.filter(({ op }) => evidence.includes(op)).toSorted((a, b) => a.to - b.to);
  const last = shown.findLast(({ outcome }) => outcome === 'ok');
  const others = shown.filter((operation) => operation !== last).map(describe);
  const more = others.length > shownMax ? ` and ${others.length - shownMax} more` : '';
  const beside = others.length === 0 ? '' : ` beside ${others.slice(-shownMax).join(', ')}${more}`;
  const found = last === undefined ? '' : describe(last);
  const because = `${register}: no order of the writes explains ${found}${beside}`;
  return { checker, holds: false, because, operations: evidence };
}

function byRegister(operations: readonly Operation[]): Map<string, Operation[]> {
  const registers = new Map<string, Operation[]>();
  for (const operation of operations) {
    if (operation.call.kind === 'list') continue;
    const register = registerOf(operation.call);
    const found = registers.get(register);
    if (found === undefined) registers.set(register, [operation]);
    else found.push(operation);
  }
  return registers;
}
