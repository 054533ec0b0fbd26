import type { Clock } from '../../common/clock.ts';
import type { Logger } from '../../common/log.ts';

/**
 * Runs a job again and again: every `intervalMs`, and soon after it was asked for. Runs never overlap; a run that
 * throws is logged and the next one comes all the same. Disposal aborts the run under way and waits for it.
 */
export class JobLoop implements AsyncDisposable {
  readonly #name: string;
  readonly #deps: { readonly clock: Clock; readonly log: Logger };
  readonly #job: (signal: AbortSignal) => Promise<void>;
  readonly #stop = new AbortController();
  readonly #timer: { cancel(): void };
  #running: Promise<void> | undefined;
  #soon: { cancel(): void } | undefined;
  #failing = false;

  constructor(
    name: string,
    intervalMs: number,
    deps: { readonly clock: Clock; readonly log: Logger },
    job: (signal: AbortSignal) => Promise<void>,
  ) {
    this.#name = name;
    this.#deps = deps;
    this.#job = job;
    this.#timer = deps.clock.every(intervalMs, () => void this.run());
  }

  /** Runs the job now, or joins the run that is under way. Never rejects. */
  run(): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    this.#running ??= this.#once().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Runs the job once more, `delayMs` from now; calls in between are one. */
  runSoon(delayMs: number): void {
    if (this.#soon !== undefined || this.#stop.signal.aborted) return;
    this.#soon = this.#deps.clock.after(delayMs, () => {
      this.#soon = undefined;
      // A run that is under way may have looked before the reason for this one arose.
      const next = this.#running?.then(() => this.run()) ?? this.run();
      void next;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer.cancel();
    this.#soon?.cancel();
    this.#stop.abort(new Error(`the ${this.#name} job is being stopped`));
    await this.#running;
  }

  async #once(): Promise<void> {
    try {
      await this.#job(this.#stop.signal);
      if (this.#failing) this.#deps.log.info({ job: this.#name }, 'job works again');
      this.#failing = false;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      // Once loudly, then quietly: a database that is away for an hour is one event.
      this.#deps.log[this.#failing ? 'debug' : 'warn'](
        { err: error, job: this.#name },
        'job failed and will be tried again',
      );
      this.#failing = true;
    }
  }
}
