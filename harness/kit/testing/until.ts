import { setTimeout as sleep } from 'node:timers/promises';

export interface UntilOptions {
  /** What is waited for, as the end of "waited 5 s for …". */
  readonly what: string;
  readonly withinMs: number;
  /** Default 50. */
  readonly pollMs?: number;
  readonly signal?: AbortSignal;
}

/** A condition did not come true in time. */
export class WaitedInVain extends Error {
  override name = 'WaitedInVain';
}

/**
 * Asks `probe` until it gives something that counts as true (so neither 0 nor an empty text), and gives that back. What the probe
 * throws counts as "not yet"; the last such error is the cause of WaitedInVain.
 */
export async function until<T>(
  options: UntilOptions,
  probe: () => Promise<T | undefined | null | false> | T | undefined | null | false,
): Promise<T> {
  const startedAtMs = performance.now();
  let lastError: unknown;
  for (;;) {
    options.signal?.throwIfAborted();
    const answer = await settle(probe);
    if (answer.error === undefined && answer.value) return answer.value;
    lastError = answer.error;
    if (performance.now() - startedAtMs >= options.withinMs) break;
    await sleep(options.pollMs ?? 50, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
  throw new WaitedInVain(`waited ${options.withinMs / 1000} s for ${options.what}`, { cause: lastError });
}

async function settle<T>(probe: () => Promise<T> | T): Promise<{ value?: T; error?: unknown }> {
  try {
    return { value: await probe() };
  } catch (error) {
    return { error };
  }
}
