import { assert } from '../../common/assert.ts';
import { delay, systemClock } from '../../common/clock.ts';

/** For tests: resolves as soon as `condition` holds; fails, saying what it waited for, when that takes too long. */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  limitMs = 10_000,
): Promise<void> {
  const startedMs = systemClock.monotonicMs();
  while (!(await condition())) {
    assert(systemClock.monotonicMs() - startedMs < limitMs, `within ${limitMs} ms it did not happen that ${what}`);
    await delay(systemClock, 10);
  }
}
