import type { Clock, Timer } from './clock.ts';

/** A clock that stands still until it is told to go on. For tests and simulations. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #timers: { atMs: number; intervalMs: number | undefined; callback: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.#add(delayMs, undefined, callback);
  }

  every(intervalMs: number, callback: () => void): Timer {
    return this.#add(intervalMs, intervalMs, callback);
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Lets `ms` pass: what falls due is called in order of time, each at its own moment. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      if (due.intervalMs === undefined) this.#timers = this.#timers.filter((timer) => timer !== due);
      else due.atMs += due.intervalMs;
      due.callback();
    }
    this.#nowMs = untilMs;
  }

  #add(delayMs: number, intervalMs: number | undefined, callback: () => void): Timer {
    const timer = { atMs: this.#nowMs + delayMs, intervalMs, callback };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }
}
