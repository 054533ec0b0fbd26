import type { Checker } from './verdict.ts';
import { holding, undecided, violated } from './verdict-of.ts';

const checker = 'recovers';

/** Once all faults are healed, the store serves again within its time. */
export function recovers(recoveryMs: number): Checker {
  return (history) => {
    const began = history.find((event) => event.type === 'phase' && event.phase === 'recover');
    if (began === undefined) return undecided(checker, 'the run ended before the store was asked to recover');
    const recovered = history.find((event) => event.type === 'recovered' || event.type === 'not recovered');
    if (recovered === undefined) return undecided(checker, 'the run ended while the store recovered');
    if (recovered.type === 'not recovered') {
      return violated(checker, `it did not serve again within ${recoveryMs} ms`, []);
    }
    const tookMs = Math.round((recovered.at - began.at) / 1000);
    if (tookMs <= recoveryMs) return holding(checker, `it served again after ${tookMs} ms`);
    return violated(checker, `it served again after ${tookMs} ms, and ${recoveryMs} are allowed`, []);
  };
}
