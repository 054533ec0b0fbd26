import { type Clock, delay } from '../../common/clock.ts';
import { TokenBucket } from '../../common/token-bucket.ts';

/** So much may go at once after a pause; more would be felt by clients. */
const BURST_MS = 200;
/** Shorter waits are left to the next one. */
const WAIT_MS_MIN = 2;

/** Holds background transfers to a rate, all that share it together. */
export class BytePace {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;

  constructor(bytesPerSecond: number, clock: Clock) {
    this.#clock = clock;
    this.#bucket = new TokenBucket(bytesPerSecond, (bytesPerSecond * BURST_MS) / 1000, clock.monotonicMs());
  }

  /** Counts `bytes`, and resolves when the next may go. Rejects with the signal's reason. */
  async spend(bytes: number, signal: AbortSignal): Promise<void> {
    const waitMs = this.#bucket.take(bytes, this.#clock.monotonicMs());
    if (waitMs >= WAIT_MS_MIN) await delay(this.#clock, waitMs, signal);
  }
}
