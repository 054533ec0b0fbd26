import { type Clock, delay } from './clock.ts';
import type { Logger } from './log.ts';

/**
 * Named phases of a program at which a test may break it: `await failpoints.reach('write.after-reserve')`. An
 * unarmed one is a call that gives undefined: on a path that runs once a message, await only what is not undefined.
 */
export interface Failpoints<Name extends string> {
  /** Undefined: go on. Otherwise go on when it resolves; it rejects with FailpointError. */
  reach(name: Name): Promise<void> | undefined;
}

/** Nothing is armed. What every process runs with, unless a test says otherwise. */
export const noFailpoints: Failpoints<string> = { reach: () => undefined };

export type FailpointAction =
  /** The process is gone at once, as by kill -9. */
  | { readonly kind: 'crash' }
  /** Until the process is told to go on, and at most PAUSE_MS_MAX. */
  | { readonly kind: 'pause' }
  /** Rejects with FailpointError; with the operating system's `code`, where one is given. */
  | { readonly kind: 'error'; readonly code: string | undefined }
  | { readonly kind: 'delay'; readonly delayMs: number };

export interface ArmedFailpoint<Name extends string> {
  readonly name: Name;
  readonly action: FailpointAction;
  /** It acts when it is reached for this time, counted from 1, and never again. */
  readonly time: number;
}

export class FailpointError extends Error {
  override name = 'FailpointError';
  readonly code: string | undefined;
  constructor(failpoint: string, code: string | undefined) {
    super(`the failpoint ${failpoint} was armed to fail`);
    this.code = code;
  }
}

export const PAUSE_MS_MAX = 60_000;

export interface FailpointDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends this process without letting it do anything more. */
  readonly crash: () => void;
  /** Calls back at the next sign to go on. */
  readonly onResume: (resume: () => void) => void;
}

/** Each writes a line to the log before it acts, so that a test sees that the phase was reached. */
export function armFailpoints<Name extends string>(
  armed: readonly ArmedFailpoint<Name>[],
  deps: FailpointDeps,
): Failpoints<Name> {
  if (armed.length === 0) return noFailpoints;
  deps.log.warn({ failpoints: armed }, 'failpoints are armed: this process will break itself');
  const reached = new Map<Name, number>();
  return {
    reach: (name) => {
      const time = (reached.get(name) ?? 0) + 1;
      reached.set(name, time);
      const due = armed.find((one) => one.name === name && one.time === time);
      if (due === undefined) return undefined;
      deps.log.warn({ name, action: due.action.kind, time }, 'failpoint');
      return act(name, due.action, deps);
    },
  };
}

function act(name: string, action: FailpointAction, deps: FailpointDeps): Promise<void> {
  switch (action.kind) {
    case 'crash':
      deps.crash();
      return new Promise(() => {});
    case 'pause':
      return untilResumed(deps);
    case 'error':
      return Promise.reject(new FailpointError(name, action.code));
    case 'delay':
      return delay(deps.clock, action.delayMs);
  }
}

function untilResumed({ clock, onResume }: FailpointDeps): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(PAUSE_MS_MAX, resolve);
    onResume(() => {
      timer.cancel();
      resolve();
    });
  });
}
