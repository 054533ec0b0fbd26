import type { ServerResponse } from 'node:http';
import type { Clock } from '../../common/clock.ts';
import { StoreError } from '../objects/errors.ts';

/**
 * Resolves when the kernel has the bytes, since their memory is used again after that. Throws ClientTooSlow when it
 * has not taken them within `idleTimeoutMs`, and the signal's reason.
 */
export function writeBytes(
  response: ServerResponse,
  piece: Buffer,
  {
    clock,
    idleTimeoutMs,
    signal,
  }: { readonly clock: Clock; readonly idleTimeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
      if (error === undefined || error === null) resolve();
      else reject(error);
    };
    const onAbort = () => settle(signal.reason);
    const timer = clock.after(idleTimeoutMs, () =>
      settle(new StoreError('ClientTooSlow', `the client took no byte within ${idleTimeoutMs} ms`)),
    );
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else response.write(piece, settle);
  });
}
