import type { HistoryEvent } from '../history/events.ts';
import { operationsOf } from '../history/operations.ts';
import { describe } from './describe.ts';
import { registersOf, valueSeen } from './register.ts';
import type { Verdict } from './verdict.ts';
import { holding, violated } from './verdict-of.ts';

const checker = 'no-resurrection';

/** No read sees a value after a delete, or another write, that came after it for certain and was acknowledged before the read began. */
export function noResurrection(history: readonly HistoryEvent[]): Verdict {
  let reads = 0;
  for (const register of registersOf(operationsOf(history)).values()) {
    for (const read of register.operations) {
      const value = valueSeen(read);
      if (value === null) continue;
      reads += 1;
      const replacement = register.replacementOf(value, read.from);
      if (replacement === undefined) continue;
      const because = `${describe(read)}, after ${describe(replacement)} had ended its time`;
      return violated(checker, because, [...register.putsOf(value), replacement, read]);
    }
  }
  return holding(checker, `none of ${reads} reads saw a value whose time had ended before`);
}
