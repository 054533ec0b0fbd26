import { rm } from 'node:fs/promises';
import type { Plan } from '../../kit/experiment/plan.ts';
import type { Fails } from '../../kit/experiment/shrink-plan.ts';
import { duration, type Paint } from '../../report/summary.ts';
import type { Attempt } from './attempt.ts';
import { many } from './plan-text.ts';
import { again, violatedBy } from './repeat.ts';

export interface CandidateOptions {
  /** Each is run at most so often until it fails. */
  readonly times: number;
  readonly minutes: number;
  readonly bundleDir: string;
  readonly signal: AbortSignal;
  readonly paint: Paint;
  /** The checkers that said false of the run that is to be shrunk. None: whatever its plan breaks first. */
  readonly broken: readonly string[];
  readonly run?: typeof again;
}

/** Runs candidates, and keeps the bundle of the smallest that failed as it should. */
export class Candidates {
  runs = 0;
  smallest: Attempt | undefined;
  readonly #options: CandidateOptions;
  readonly #untilMs: number;
  /** Another failure is another bug. Null until it is known what is looked for. */
  #broken: readonly string[] | null;

  constructor(options: CandidateOptions) {
    this.#options = options;
    this.#untilMs = performance.now() + options.minutes * 60_000;
    this.#broken = options.broken.length === 0 ? null : options.broken;
  }

  readonly fails: Fails = async (plan) => {
    const { times, bundleDir, signal, run: runAgain = again } = this.#options;
    for (let n = 0; n < times && !signal.aborted && performance.now() < this.#untilMs; n++) {
      const run = await runAgain(plan, bundleDir, signal);
      this.runs += 1;
      const broken = violatedBy(run);
      const isSame = broken.some((checker) => this.#broken?.includes(checker) ?? true);
      this.#tell(plan, run, isSame);
      const dropped = isSame ? this.smallest : run;
      if (isSame) this.smallest = run;
      if (dropped !== undefined) await rm(dropped.bundleDir, { recursive: true, force: true });
      if (!isSame) continue;
      this.#broken ??= broken;
      return true;
    }
    return false;
  };

  #tell(plan: Plan, run: Attempt, isSame: boolean): void {
    const { paint } = this.#options;
    const others = violatedBy(run);
    const otherwise = others.length === 0 ? 'holds' : paint.yellow(`breaks ${others.join(', ')} only`);
    const failed = isSame ? paint.red('fails') : 'error' in run ? paint.yellow('error') : otherwise;
    const leftMs = Math.max(0, this.#untilMs - performance.now());
    const left = paint.dim(`at most ${duration(Math.round(leftMs / 1000) * 1000)} left`);
    process.stdout.write(`${String(this.runs).padStart(4)}  ${failed}  with ${sizeText(plan)}  ${left}\n`);
  }
}

export function sizeText({ faults, clients }: Plan): string {
  const operations = clients.reduce((sum, client) => sum + client.operations.length, 0);
  return [many(faults.length, 'fault'), many(clients.length, 'client'), many(operations, 'operation')].join(', ');
}
