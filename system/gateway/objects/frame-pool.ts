import { FRAME_HEADROOM_BYTES } from '../../../proto/data-frame.ts';
import { KiB } from '../../common/bytes.ts';
import type { Clock, Timer } from '../../common/clock.ts';
import { StoreError } from './errors.ts';

/** The data of one message to a node. Matches the block of the chunk file, and is small enough for many clients. */
export const FRAME_DATA_BYTES = 256 * KiB;
/** An upload that gets no memory for this long is told to come back. */
const WAIT_MS_MAX = 30_000;
const WAITING_MAX = 1_000;
const IDLE_FRAMES_MAX = 12;
const FRAME_BYTES = FRAME_HEADROOM_BYTES + FRAME_DATA_BYTES;

/**
 * The memory of all uploads together: at most `framesMax` buffers exist, whatever the number of clients, and
 * whoever wants one more waits in order. Buffers are used again, because allocating 256 KiB at a gigabyte a
 * second is most of a garbage collector's work.
 */
export class FramePool {
  readonly #framesMax: number;
  readonly #clock: Clock;
  readonly #free: Buffer[] = [];
  readonly #waiting: Waiter[] = [];
  #allocated = 0;
  #users = 0;

  constructor(framesMax: number, clock: Clock) {
    this.#framesMax = framesMax;
    this.#clock = clock;
  }

  /** How many frames one upload may hold now: its fair share, so that a fast one does not starve the others. */
  get share(): number {
    return Math.max(2, Math.floor(this.#framesMax / Math.max(1, this.#users)));
  }

  /** Counts an upload among those that share the pool, until disposed. */
  join(): Disposable {
    this.#users++;
    return { [Symbol.dispose]: () => this.#leave() };
  }

  /** The next free frame. Rejects with the signal's reason when it aborts first, and with Overloaded after WAIT_MS_MAX. */
  async take(signal: AbortSignal): Promise<Buffer> {
    signal.throwIfAborted();
    const frame = this.#waiting.length === 0 ? this.#takeFree() : undefined;
    if (frame !== undefined) return frame;
    if (this.#waiting.length >= WAITING_MAX) throw overloaded();
    return new Promise((resolve, reject) => {
      const leave = (reason: unknown) => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        waiter.settle();
        reject(reason);
      };
      const onAbort = () => leave(signal.reason);
      const timer: Timer = this.#clock.after(WAIT_MS_MAX, () => leave(overloaded()));
      const settle = () => {
        timer.cancel();
        signal.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = { resolve, settle };
      this.#waiting.push(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  give(frame: Buffer): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#free.push(frame);
      return;
    }
    next.settle();
    next.resolve(frame);
  }

  /** After a rush, what one upload can use is kept and the rest goes back. */
  #leave(): void {
    this.#users--;
    if (this.#users > 0) return;
    this.#allocated -= this.#free.splice(IDLE_FRAMES_MAX).length;
  }

  #takeFree(): Buffer | undefined {
    const frame = this.#free.pop();
    if (frame !== undefined) return frame;
    if (this.#allocated >= this.#framesMax) return undefined;
    this.#allocated++;
    return Buffer.allocUnsafeSlow(FRAME_BYTES);
  }
}

interface Waiter {
  readonly resolve: (frame: Buffer) => void;
  readonly settle: () => void;
}

function overloaded(): StoreError {
  return new StoreError('Overloaded', 'too many uploads at once; try again in a moment');
}
