import { setFlagsFromString } from 'node:v8';
import type { Clock, Timer } from './clock.ts';

/**
 * Tunes V8 for a process through which buffers flow by the gigabyte. To be called first of all.
 *
 * By default V8 starts a full collection whenever 64 MiB of buffers were made since the last one, some fifty times a
 * gigabyte; that was a third of the gateway's CPU time. With the first flag, buffers count towards the heap's own
 * limit instead. With the second, the young generation stays at its first size, so that its cheap collections come
 * often and free the buffers that died young: that is nearly all of them, and it halves the resident memory.
 */
export function tuneHeapForBuffers(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  setFlagsFromString('--semi-space-growth-factor=1');
  collectSooner(false);
}

/** With more files than this under way at once, memory matters more than CPU time. */
const FEW_TRANSFERS = 4;
/** A rush is over when so long there was none: the next one often follows at once. */
const CALM_AFTER_MS = 10_000;

/**
 * While many clients are served at once, buffers wait long enough to grow old, and only a full collection frees them: it
 * then comes when they are a twentieth of what is alive, instead of more than half. That costs 0.7 CPU s/GiB and more,
 * which a few clients should not have to pay.
 */
export class HeapPace {
  readonly #clock: Clock;
  #calm: Timer | undefined;
  #isBusy = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** So many files are being written and read now. */
  transfers(count: number): void {
    if (count > FEW_TRANSFERS) {
      this.#calm?.cancel();
      this.#calm = undefined;
      this.#setBusy(true);
    } else if (this.#isBusy) {
      this.#calm ??= this.#clock.after(CALM_AFTER_MS, () => this.#setBusy(false));
    }
  }

  /** Flags are set on a change alone: small files begin and end thousands of times a second. */
  #setBusy(isBusy: boolean): void {
    if (isBusy !== this.#isBusy) collectSooner(isBusy);
    this.#isBusy = isBusy;
  }
}

function collectSooner(isBusy: boolean): void {
  setFlagsFromString(`--heap-growing-percent=${isBusy ? 5 : 60}`);
}
