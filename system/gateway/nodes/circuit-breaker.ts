import type { Clock } from '../../common/clock.ts';
import type { Random } from '../../common/random.ts';

const FAILURES_TO_OPEN = 3;
const OPEN_MS_MIN = 500;
const OPEN_MS_MAX = 15_000;

/**
 * Stops calls to a node that keeps failing (Nygard, Release It!, 2007). After three failures in a row it opens for a
 * jittered time that doubles; then calls are let through again, and the first failure opens it anew.
 */
export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #random: Random;
  #failures = 0;
  #openUntilMs = Number.NEGATIVE_INFINITY;

  constructor(deps: { clock: Clock; random: Random }) {
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  get isOpen(): boolean {
    return this.#clock.monotonicMs() < this.#openUntilMs;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** What fails while it is open was begun before: of many calls that fail at the same moment it hears one story. */
  failed(): void {
    if (this.isOpen) return;
    this.#failures++;
    if (this.#failures < FAILURES_TO_OPEN) return;
    const ceiling = Math.min(OPEN_MS_MAX, OPEN_MS_MIN * 2 ** (this.#failures - FAILURES_TO_OPEN));
    this.#openUntilMs = this.#clock.monotonicMs() + ceiling / 2 + this.#random.below(Math.ceil(ceiling / 2));
  }
}
