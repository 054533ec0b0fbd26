import type { Clock, Timer } from '../../common/clock.ts';

/** Calls `onIdle` once when touch() was not called for `idleMs`. Touching is cheap: it sets no timer. */
export class IdleTimer implements Disposable {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #onIdle: () => void;
  #touchedAtMs: number;
  #timer: Timer;

  constructor(clock: Clock, idleMs: number, onIdle: () => void) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#onIdle = onIdle;
    this.#touchedAtMs = clock.monotonicMs();
    this.#timer = this.#after(idleMs);
  }

  touch(): void {
    this.#touchedAtMs = this.#clock.monotonicMs();
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
  }

  #after(delayMs: number): Timer {
    return this.#clock.after(delayMs, () => {
      const leftMs = this.#touchedAtMs + this.#idleMs - this.#clock.monotonicMs();
      if (leftMs <= 0) this.#onIdle();
      else this.#timer = this.#after(leftMs);
    });
  }
}
