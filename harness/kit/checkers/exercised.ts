import { operationsOf } from '../history/operations.ts';
import { hasWritten } from './register.ts';
import type { Checker } from './verdict.ts';
import { holding, undecided } from './verdict-of.ts';

const checker = 'exercised';

/** The run did enough for its other verdicts to mean something: a store that never answered has broken no promise, and kept none. */
export function exercised(acknowledgedMin: number): Checker {
  return (history) => {
    const acknowledged = operationsOf(history).filter(hasWritten).length;
    if (acknowledged < acknowledgedMin) {
      return undecided(checker, `${acknowledged} writes were acknowledged, and at least ${acknowledgedMin} must be`);
    }
    if (!history.some((event) => event.type === 'phase' && event.phase === 'final reads')) {
      return undecided(checker, 'the run ended before its final reads');
    }
    return holding(checker, `${acknowledged} writes were acknowledged`);
  };
}
