import { type Operation, operationsOf } from '../history/operations.ts';
import { describe } from './describe.ts';
import { listedLooks } from './listed-looks.ts';
import { registersOf } from './register.ts';
import { evidenceOf } from './register-evidence.ts';
import { searchOrder } from './register-search.ts';
import { stepsOf } from './register-step.ts';
import type { Checker, Verdict } from './verdict.ts';
import { holding, undecided, violated } from './verdict-of.ts';

const checker = 'linearizable';

/** A history may cost as much as so many keys that reach the bound. */
const keysAtBoundMax = 10;

/**
 * Each key behaves as one register that is written, deleted and read at one moment between an operation's begin and end; a put
 * with a condition tests and writes at the same moment, and a list looks at each of its keys at one. Keys are judged one by
 * one: a history has an order when that of each key has one (Herlihy and Wing, 1990). `configurationsMax` bounds the search
 * for a key; past it, that key is unknown.
 */
export function linearizableWithin(configurationsMax: number): Checker {
  return (history) => {
    let left = keysAtBoundMax * configurationsMax;
    let found: Verdict | undefined;
    let others = 0;
    const open: string[] = [];
    const all = operationsOf(history);
    const registers = registersOf(all);
    const looksAt = listedLooks(all);
    for (const { name, operations } of registers.values()) {
      const isOfS3 = operations.some(({ call }) => call.via === 's3');
      const steps = stepsOf(isOfS3 ? [...operations, ...looksAt(name)] : operations);
      const { exists, configurations } = searchOrder(steps, Math.min(configurationsMax, left));
      left -= configurations;
      if (exists === 'unknown') open.push(name);
      if (exists !== false) continue;
      // One violation is shown whole; of the others, their number is enough.
      if (found !== undefined) others += 1;
      else found = violation(name, all, evidenceOf(steps, configurationsMax));
    }
    if (found !== undefined) {
      return others === 0 ? found : { ...found, because: `${found.because} (and so ${others} more keys)` };
    }
    if (open.length === 0)
      return holding(checker, `each of ${registers.size} keys has an order that explains what was seen`);
    const bound = `${configurationsMax} configurations`;
    return undecided(checker, `${open.length} of ${registers.size} keys were not decided within ${bound}: ${open[0]}`);
  };
}

const shownMax = 5;

function violation(register: string, operations: readonly Operation[], evidence: readonly number[]): Verdict {
  const shown = operations.filter(({ op }) => evidence.includes(op)).toSorted((a, b) => a.from - b.from);
  const last = shown
    .filter(({ outcome }) => outcome === 'ok')
    .toSorted((a, b) => a.to - b.to)
    .at(-1);
  const told = (operation: Operation) => describeOf(register, operation);
  const others = shown.filter((operation) => operation !== last).map(told);
  const more = others.length > shownMax ? ` and ${others.length - shownMax} more` : '';
  const beside = others.length === 0 ? '' : ` beside ${others.slice(-shownMax).join(', ')}${more}`;
  const found = last === undefined ? '' : told(last);
  const because = `${register}: no order of the writes explains ${found}${beside}`;
  return violated(checker, because, shown);
}

/** Of a list, with what it says of the key. */
function describeOf(key: string, operation: Operation): string {
  const { seen } = operation;
  if (seen?.kind !== 'keys') return describe(operation);
  const listed = seen.keys.find((one) => one.key === key);
  return `${describe(operation)}, ${listed === undefined ? 'without it' : `where it is ${listed.value}`}`;
}
