import type { Plan } from '../../kit/experiment/plan.ts';
import type { RunOptions } from '../../kit/experiment/run-plan.ts';
import { duration, type Paint } from '../../report/summary.ts';

type Step = Parameters<NonNullable<RunOptions['onPhase']>>[0];

const beatMs = 10_000;

/** Tells where a run stands: each phase as it begins, with the time it may take, each fault, and a sign of life in between. */
export class RunDisplay implements Disposable {
  readonly #plan: Plan;
  readonly #paint: Paint;
  readonly #beganMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #step: { readonly name: Step; readonly sinceMs: number } | undefined;

  constructor(plan: Plan, paint: Paint) {
    this.#plan = plan;
    this.#paint = paint;
    this.#timer = setInterval(() => this.#beat(), beatMs);
    this.#timer.unref();
  }

  readonly onPhase = (name: Step): void => {
    this.#step = { name, sinceMs: performance.now() };
    const mostMs = this.#mostMs(name);
    this.#say(`${stepTexts[name]}${mostMs === undefined ? '' : this.#paint.dim(` (${limitText(name, mostMs)})`)}`);
  };

  readonly onFault: NonNullable<RunOptions['onFault']> = ({ fault, state, what }) => {
    if (state === 'started' || state === 'failed') this.#say(this.#paint.dim(`  ${fault} ${state}: ${what}`));
  };

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    if (this.#step === undefined) return;
    const { name, sinceMs } = this.#step;
    const mostMs = this.#mostMs(name);
    const leftMs = mostMs === undefined ? 0 : mostMs - (performance.now() - sinceMs);
    const left = leftMs <= 0 ? '' : `, ${name === 'load' ? '' : 'at most '}${duration(wholeSeconds(leftMs))} left`;
    this.#say(this.#paint.dim(`… ${name}${left}`));
  }

  #mostMs(name: Step): number | undefined {
    const { loadMs, limits } = this.#plan;
    const { recoveryMs, mendingMs } = limits;
    const most: Partial<Record<Step, number>> = {
      load: loadMs,
      recover: recoveryMs,
      mend: mendingMs,
      clear: mendingMs,
    };
    return most[name];
  }

  #say(text: string): void {
    const at = duration(wholeSeconds(performance.now() - this.#beganMs)).padStart(8);
    process.stdout.write(`${this.#paint.dim(at)}  ${text}\n`);
  }
}

const stepTexts: Readonly<Record<Step, string>> = {
  start: 'the store starts',
  load: 'load under faults',
  heal: 'faults are healed',
  recover: 'waiting until the store serves again',
  mend: 'waiting until every replica is back and nothing is left over',
  'final reads': 'every key is read once more, through every gateway',
  census: 'census of the disks',
  clear: 'everything is deleted, and must leave nothing behind',
  check: 'the history is checked',
};

function limitText(name: Step, mostMs: number): string {
  return name === 'load' ? duration(mostMs) : `at most ${duration(mostMs)}`;
}

function wholeSeconds(ms: number): number {
  return Math.round(ms / 1000) * 1000;
}
