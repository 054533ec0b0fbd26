import type { Pool } from 'pg';
import type { Clock } from '../../common/clock.ts';

const CHECK_INTERVAL_MS = 5_000;

/**
 * The pool closes no connection below its minimum, and opens none until somebody asks. This opens them: at the
 * start, and again after an outage took them, so that a burst does not wait for handshakes.
 */
export function keepWarm(pool: Pool, min: number, clock: Clock): Disposable {
  let filling = false;
  const fill = async () => {
    if (filling || pool.ending || pool.totalCount >= min || pool.waitingCount > 0) return;
    filling = true;
    // One first: while the server is gone, a look for its name may hold one of few threads for seconds.
    const first = await pool.connect().catch(() => undefined);
    if (first !== undefined) {
      // Asking for the rest at once, and holding what comes until all have come, makes the pool open those that are missing.
      const asked = await Promise.allSettled(Array.from({ length: min - 1 }, () => pool.connect()));
      for (const result of asked) if (result.status === 'fulfilled') result.value.release();
      first.release(); // The pool drops those that have broken meanwhile.
    }
    filling = false;
  };
  void fill();
  const timer = clock.every(CHECK_INTERVAL_MS, () => void fill());
  return { [Symbol.dispose]: () => timer.cancel() };
}
