import { MiB } from '../../../common/bytes.ts';
import type { Clock, Timer } from '../../../common/clock.ts';
import { StoreError } from '../../objects/errors.ts';

/** Four of the longest documents, or some hundred of ten thousand parts as SDKs write them. */
const BYTES_MAX = 32 * MiB;
/** A document that gets no memory for this long is refused, and its client told to come back. */
const WAIT_MS_MAX = 30_000;
const WAITING_MAX = 1_000;

interface Waiter {
  readonly bytes: number;
  readonly enter: () => void;
}

/** The memory of all documents that clients are sending: whoever finds no room for its own waits in order. */
export class DocumentMemory {
  readonly #clock: Clock;
  readonly #waiting: Waiter[] = [];
  #freeBytes = BYTES_MAX;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Room for `bytes`, at most 32 MiB, until disposed. Rejects with the signal's reason when it aborts first, and with StoreError
   * Overloaded after half a minute.
   */
  async take(bytes: number, signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#waiting.length > 0 || bytes > this.#freeBytes) await this.#turn(bytes, signal);
    else this.#freeBytes -= bytes;
    return { [Symbol.dispose]: () => this.#give(bytes) };
  }

  #turn(bytes: number, signal: AbortSignal): Promise<void> {
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
        bytes,
        enter: () => {
          settle();
          resolve();
        },
      };
      this.#waiting.push(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #give(bytes: number): void {
    this.#freeBytes += bytes;
    this.#admit();
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && next.bytes <= this.#freeBytes; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#freeBytes -= next.bytes;
      next.enter();
    }
  }
}

function overloaded(): StoreError {
  return new StoreError('Overloaded', 'too many documents are being sent; try again soon');
}
