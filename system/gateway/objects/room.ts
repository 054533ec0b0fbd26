import type { Clock, Timer } from '../../common/clock.ts';
import { StoreError } from './errors.ts';

/** Who gets no room for this long is refused, and told to come back. */
const WAIT_MS_MAX = 30_000;
const WAITING_MAX = 1_000;

interface Waiter {
  readonly units: number;
  readonly enter: () => void;
}

/** So much of something for all clients together: whoever finds no room waits in order. */
export class Room {
  readonly #clock: Clock;
  readonly #waiting: Waiter[] = [];
  #free: number;

  constructor(units: number, clock: Clock) {
    this.#free = units;
    this.#clock = clock;
  }

  /**
   * Room for so many units, at most all there are, until disposed. Rejects with the signal's reason when it aborts first, and with StoreError
   * Overloaded after half a minute.
   */
  async take(units: number, signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#waiting.length > 0 || units > this.#free) await this.#turn(units, signal);
    else this.#free -= units;
    let isHeld = true;
    const leave = () => {
      if (isHeld) this.#give(units);
      isHeld = false;
    };
    return { [Symbol.dispose]: leave };
  }

  #turn(units: number, signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= WAITING_MAX) return Promise.reject(overloaded());
    return new Promise((resolve, reject) => {
      const settle = () => {
        timer.cancel();
        signal.removeEventListener('abort', onAbort);
      };
      const leave = (reason: unknown) => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        settle();
        reject(reason);
        // Those behind may need less.
        this.#admit();
      };
      const onAbort = () => leave(signal.reason);
      const timer: Timer = this.#clock.after(WAIT_MS_MAX, () => leave(overloaded()));
      const waiter = {
        units,
        enter: () => {
          settle();
          resolve();
        },
      };
      this.#waiting.push(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #give(units: number): void {
    this.#free += units;
    this.#admit();
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && next.units <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.units;
      next.enter();
    }
  }
}

function overloaded(): StoreError {
  return new StoreError('Overloaded', 'too many requests want the same memory; try again soon');
}
