import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { exitCodeOf, exitCodes } from '../../kit/experiment/judgement.ts';
import type { Plan } from '../../kit/experiment/plan.ts';
import { type RunOptions, type RunOutcome, runPlan } from '../../kit/experiment/run-plan.ts';
import { writeTimeline } from '../../report/timeline/write-timeline.ts';
import { fromUsersFolder } from '../data-dir.ts';

/** What came of a run: an outcome, or an error that says nothing of the store. */
export type Attempt =
  | {
      readonly bundleDir: string;
      readonly exitCode: number;
      readonly outcome: RunOutcome;
      /** Why there is no timeline; null where there is one. */
      readonly notDrawn: string | null;
    }
  | { readonly bundleDir: string; readonly exitCode: number; readonly error: unknown };

/** Never rejects. */
export async function attempt(plan: Plan, options: RunOptions): Promise<Attempt> {
  const { bundleDir } = options;
  try {
    const outcome = await runPlan(plan, options);
    const { history, judgement } = outcome;
    // A picture that cannot be drawn takes nothing from what it was to show.
    const notDrawn = await writeTimeline(bundleDir, history, judgement).then(() => null, errorText);
    return { bundleDir, outcome, exitCode: exitCodeOf(judgement.overall), notDrawn };
  } catch (error) {
    return { bundleDir, error, exitCode: exitCodes.harnessError };
  }
}

export function errorText(error: unknown): string {
  if (error instanceof AggregateError) return [error.message, ...error.errors.map(errorText)].join('\n');
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Where bundles go; a name is meant from where the user stands. */
export function runsDirFrom(given: string | undefined): string {
  return given === undefined ? join(repositoryRoot, 'runs') : fromUsersFolder(given);
}

/** `runs/chaos-7-node-crashes`, or the next of that name with a number that is free. */
export function newBundleDir(runsDir: string, { seed, scenario }: Pick<Plan, 'seed' | 'scenario'>): string {
  return free(join(runsDir, `chaos-${seed}-${scenario}`));
}

export function free(dir: string): string {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? dir : `${dir}-${n}`;
    if (!existsSync(candidate)) return candidate;
  }
}
