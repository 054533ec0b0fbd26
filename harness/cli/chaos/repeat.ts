import { rm } from 'node:fs/promises';
import { exitCodes } from '../../kit/experiment/judgement.ts';
import type { Plan } from '../../kit/experiment/plan.ts';
import { type Attempt, attempt, free } from './attempt.ts';

/** One more run of a plan. Its bundle stays only where something is to be seen in it. */
export async function again(plan: Plan, bundleDir: string, signal: AbortSignal): Promise<Attempt> {
  const run = await attempt(plan, { bundleDir: free(bundleDir), signal });
  if (run.exitCode === exitCodes.pass) await rm(run.bundleDir, { recursive: true, force: true });
  return run;
}

/** The checkers that say false. */
export function violatedBy(run: Attempt): string[] {
  if ('error' in run) return [];
  return run.outcome.judgement.verdicts.filter(({ holds }) => holds === false).map(({ checker }) => checker);
}
