import type { Clock } from '../../common/clock.ts';
import type { Logger } from '../../common/log.ts';

/** `busy`: another gateway is doing the job at this moment. */
export type JobOutcome = 'done' | 'busy';

/** A run that was asked for while another gateway did the job is tried again after this, as that one may have begun before the reason arose. */
const BUSY_PAUSE_MS = 1_000;

/**
 * Runs a job again and again: every `intervalMs`, and soon after it was asked for. Runs never overlap; a run that
 * throws is logged and the next one comes all the same. A
 * job that other gateways do too resolves with a JobOutcome. Disposal aborts the run under way and waits for it.
 */
export class JobLoop implements AsyncDisposable {
  readonly #name: string;
  readonly #deps: { readonly clock: Clock; readonly log: Logger };
  readonly #job: (signal: AbortSignal) => Promise<unknown>;
  readonly #stop = new AbortController();
  readonly #timer: { cancel(): void };
  #running: Promise<JobOutcome> | undefined;
  #soon: { readonly atMs: number; cancel(): void } | undefined;
  #failing = false;

  constructor(
    name: string,
    intervalMs: number,
    deps: { readonly clock: Clock; readonly log: Logger },
    job: (signal: AbortSignal) => Promise<unknown>,
  ) {
    this.#name = name;
    this.#deps = deps;
    this.#job = job;
    this.#timer = deps.clock.every(intervalMs, () => void this.run());
  }

  /** Runs the job now, or joins the run that is under way. Never rejects. */
  run(): Promise<JobOutcome> {
    if (this.#stop.signal.aborted) return Promise.resolve('done');
    this.#running ??= this.#once().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Runs the job once more, `delayMs` from now; calls in between are one, at the earliest moment that any of them asked for. */
  runSoon(delayMs: number): void {
    const { clock } = this.#deps;
    const atMs = clock.monotonicMs() + delayMs;
    if (this.#stop.signal.aborted || (this.#soon !== undefined && this.#soon.atMs <= atMs)) return;
    this.#soon?.cancel();
    const timer = clock.after(delayMs, () => {
      this.#soon = undefined;
      // A run that is under way may have looked before the reason for this one arose.
      const next = this.#running?.then(() => this.run()) ?? this.run();
      void next.then((outcome) => {
        if (outcome === 'busy') this.runSoon(BUSY_PAUSE_MS);
      });
    });
    this.#soon = { atMs, cancel: () => timer.cancel() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer.cancel();
    this.#soon?.cancel();
    this.#stop.abort(new Error(`the ${this.#name} job is being stopped`));
    await this.#running;
  }

  async #once(): Promise<JobOutcome> {
    try {
      const outcome = await this.#job(this.#stop.signal);
      if (this.#failing) this.#deps.log.info({ job: this.#name }, 'job works again');
      this.#failing = false;
      return outcome === 'busy' ? 'busy' : 'done';
    } catch (error) {
      if (this.#stop.signal.aborted) return 'done';
      // Once loudly, then quietly: a database that is away for an hour is one event.
      this.#deps.log[this.#failing ? 'debug' : 'warn'](
        { err: error, job: this.#name },
        'job failed and will be tried again',
      );
      this.#failing = true;
      return 'done';
    }
  }
}
