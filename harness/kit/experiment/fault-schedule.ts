import { setTimeout as sleep } from 'node:timers/promises';
import { StartFailed } from '../cluster/target.ts';
import type { Fault } from '../faults/fault.ts';
import { endMs, shareAPart } from '../faults/packages/promise-limits.ts';
import type { FaultEvent } from '../history/events.ts';
import type { PlannedFault } from './plan.ts';

/** Where it is told what was done; the moment is that of the call. */
export type Tell = (event: Omit<FaultEvent, 'at'>) => void;

interface Standing {
  readonly id: string;
  readonly fault: Fault;
}

/**
 * Starts and stops the faults of a plan at their times. What the plan has one after the other on the same part is done so on a slow
 * machine too, and later: a power cut in the middle of the start after another one would break the harness, not the
 * store. What cannot be started or mended is told as `failed`, and the run
 * goes on: the history is then of another experiment than was planned, and still a true one.
 */
export class FaultSchedule implements AsyncDisposable {
  readonly #make: (planned: PlannedFault) => Fault;
  readonly #tell: Tell;
  /** In the order in which they were started. */
  readonly #standing: Standing[] = [];
  /** What could not be undone, although the store had no part in it. */
  readonly #unmended: unknown[] = [];

  constructor(make: (planned: PlannedFault) => Fault, tell: Tell) {
    this.#make = make;
    this.#tell = tell;
  }

  /** Resolves when each has begun and ended, or when no more are to begin: what stands then is for heal(). */
  async run(planned: readonly PlannedFault[], signal: AbortSignal): Promise<void> {
    const over = new Map<PlannedFault, Promise<void>>();
    for (const one of planned.toSorted((first, second) => first.atMs - second.atMs)) {
      const before = [...over.keys()].filter((other) => endMs(other) <= one.atMs && shareAPart(other, one));
      const free = Promise.all(before.map((other) => over.get(other)));
      over.set(one, this.#runOne(one, free, signal));
    }
    await Promise.all(over.values());
  }

  /** Mends what still stands, last one first. Throws when something stays broken that is not the store's. */
  async heal(): Promise<void> {
    for (let last = this.#standing.at(-1); last !== undefined; last = this.#standing.at(-1)) await this.#stop(last);
    const unmended = this.#unmended.splice(0);
    if (unmended.length > 0) throw new AggregateError(unmended, 'not every fault could be mended');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.heal();
  }

  async #runOne({ atMs, forMs, ...planned }: PlannedFault, free: Promise<unknown>, signal: AbortSignal): Promise<void> {
    if (!(await hasSlept(atMs, signal))) return;
    await free;
    if (signal.aborted) return;
    const one = { id: planned.id, fault: this.#make({ atMs, forMs, ...planned }) };
    await this.#start(one);
    if (await hasSlept(forMs, signal)) await this.#stop(one);
  }

  async #start(one: Standing): Promise<void> {
    this.#say(one, 'starting');
    // Before it has begun, so that what fails half-way is mended too.
    this.#standing.push(one);
    try {
      await one.fault.start();
      this.#say(one, 'started');
    } catch (error) {
      this.#say(one, 'failed', error);
      this.#standing.splice(this.#standing.indexOf(one), 1);
      // Half of it may stand.
      await this.#end(one).catch(() => {});
    }
  }

  async #stop(one: Standing): Promise<void> {
    const at = this.#standing.indexOf(one);
    if (at === -1) return;
    this.#standing.splice(at, 1);
    this.#say(one, 'stopping');
    try {
      await this.#end(one);
      this.#say(one, 'stopped');
    } catch (error) {
      this.#say(one, 'failed', error);
    }
  }

  /** Rejects when it does not end. A service that does not come up again is the store's failure: it is judged by its recovery. */
  async #end({ fault }: Standing): Promise<void> {
    try {
      await fault.stop();
    } catch (error) {
      if (!(error instanceof StartFailed)) this.#unmended.push(error);
      throw error;
    }
  }

  #say({ id, fault }: Standing, state: FaultEvent['state'], error?: unknown): void {
    const why = error === undefined ? '' : `: ${error instanceof Error ? error.message : String(error)}`;
    this.#tell({ type: 'fault', fault: id, state, what: `${fault.describe()}${why}` });
  }
}

/** False when the signal came first. */
function hasSlept(ms: number, signal: AbortSignal): Promise<boolean> {
  return sleep(ms, true, { signal }).catch(() => false);
}
