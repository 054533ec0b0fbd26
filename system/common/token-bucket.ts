/**
 * A rate limit without a clock of its own. What is taken may be more than what is left: the bucket is in debt then, and
 * whoever took it waits until the debt is paid, so that any amount passes and the mean rate holds.
 */
export class TokenBucket {
  readonly #perMs: number;
  readonly #capacity: number;
  #tokens: number;
  #atMs: number;

  /** Full at `nowMs`, a monotonic time. `capacity` is what may be taken at once after a pause. */
  constructor(perSecond: number, capacity: number, nowMs: number) {
    this.#perMs = perSecond / 1000;
    this.#capacity = capacity;
    this.#tokens = capacity;
    this.#atMs = nowMs;
  }

  /** Takes `amount` at `nowMs`, and returns for how many milliseconds the taker has to wait. */
  take(amount: number, nowMs: number): number {
    const earned = Math.max(0, nowMs - this.#atMs) * this.#perMs;
    this.#atMs = Math.max(this.#atMs, nowMs);
    this.#tokens = Math.min(this.#capacity, this.#tokens + earned) - amount;
    return Math.max(0, -this.#tokens / this.#perMs);
  }
}
