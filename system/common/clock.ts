/**
 * Time as an argument. Nothing in system/ reads the wall clock or sets a timer behind this interface's
 * back, so that a simulation can run the whole system in virtual time.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch; may jump. For timestamps that people and other machines read. */
  nowMs(): number;
  /** Milliseconds from an arbitrary origin; never goes back. For deadlines and durations. */
  monotonicMs(): number;
  /** Calls `callback` once after `delayMs`, unless the returned timer is cancelled first. */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls `callback` every `intervalMs`, or every 24 days where that is more, until cancelled. Does not keep the process alive. */
  every(intervalMs: number, callback: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** 24.8 days. What is set for longer Node would call at once, and an interval again each millisecond. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, callback) => {
    let handle: NodeJS.Timeout;
    const wait = (leftMs: number) => {
      const stepMs = Math.min(leftMs, TIMER_MS_MAX);
      handle = setTimeout(() => (leftMs > stepMs ? wait(leftMs - stepMs) : callback()), stepMs);
    };
    wait(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  every: (intervalMs, callback) => {
    const handle = setInterval(callback, Math.min(intervalMs, TIMER_MS_MAX));
    handle.unref();
    return { cancel: () => clearInterval(handle) };
  },
};

/** Resolves after `delayMs`; rejects with the signal's reason as soon as it is aborted. */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
