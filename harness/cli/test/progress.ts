import type { TestResult } from '../../report/results.ts';
import { duration, type Paint } from '../../report/summary.ts';
import { type Durations, type Job, timeLeftMs } from './estimate.ts';

/** A job as the display names it. */
export interface NamedJob extends Job {
  readonly label: string;
}

/** Where the run stands: what is done, what runs, how long it will take. */
export class Progress {
  readonly #waiting: Map<string, NamedJob>;
  readonly #running = new Map<string, { job: NamedJob; sinceMs: number }>();
  readonly #durations: Durations;
  readonly #total: number;
  readonly #beganMs = performance.now();
  workers = 1;
  failed = 0;

  constructor(jobs: readonly NamedJob[], rounds: number, durations: Durations) {
    this.#waiting = new Map();
    for (let round = 0; round < rounds; round++) for (const job of jobs) this.#waiting.set(`${round}:${job.key}`, job);
    this.#total = this.#waiting.size;
    this.#durations = durations;
  }

  started(round: number, key: string): void {
    const id = `${round}:${key}`;
    const job = this.#waiting.get(id);
    if (job === undefined) return;
    this.#waiting.delete(id);
    this.#running.set(id, { job, sinceMs: performance.now() });
  }

  ended(round: number, key: string): void {
    this.started(round, key);
    this.#running.delete(`${round}:${key}`);
  }

  count(result: TestResult): void {
    if (result.outcome === 'failed') this.failed += 1;
  }

  /** `12/57  1 failed  42.0 s, about 1 min 10 s left  E1, node.test.ts` */
  line(paint: Paint): string {
    const done = this.#total - this.#waiting.size - this.#running.size;
    const nowMs = performance.now();
    const running = [...this.#running.values()].map(({ job, sinceMs }) => ({ job, forMs: nowMs - sinceMs }));
    const leftMs = timeLeftMs([...this.#waiting.values()], running, this.workers, this.#durations);
    const left =
      running.length + this.#waiting.size === 0 ? '' : `, about ${duration(Math.round(leftMs / 1000) * 1000)} left`;
    const failed = this.failed === 0 ? '' : `  ${paint.red(`${this.failed} failed`)}`;
    const names = running.map(({ job }) => job.label).join(', ');
    return `${paint.bold(`${done}/${this.#total}`)}${failed}  ${duration(nowMs - this.#beganMs)}${left}  ${paint.dim(names)}`;
  }
}
