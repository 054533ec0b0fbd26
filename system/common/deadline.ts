import type { Clock } from './clock.ts';

/** The time that a call was given has run out. */
export class DeadlineExceeded extends Error {
  override name = 'DeadlineExceeded';
  constructor(what: string, afterMs: number) {
    super(`${what} did not finish within ${afterMs} ms`);
  }
}

/**
 * A signal that aborts with DeadlineExceeded after `afterMs`, or with the parent's reason when the parent
 * aborts first. Dispose it when the work ends, so that the timer and the listener go.
 */
export function deadline(
  clock: Clock,
  afterMs: number,
  what: string,
  parent?: AbortSignal,
): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const timer = clock.after(afterMs, () => controller.abort(new DeadlineExceeded(what, afterMs)));
  const onParent = () => controller.abort(parent?.reason);
  if (parent?.aborted) onParent();
  parent?.addEventListener('abort', onParent, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      timer.cancel();
      parent?.removeEventListener('abort', onParent);
    },
  };
}
