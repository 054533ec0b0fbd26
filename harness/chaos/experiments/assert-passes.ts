import assert from 'node:assert/strict';
import { join } from 'node:path';
import { chosenDriver } from '../../kit/cluster/driver.ts';
import { runPlan } from '../../kit/experiment/run-plan.ts';
import { scenarioNamed } from '../../kit/scenarios/all.ts';
import { planOf } from '../../kit/scenarios/scenario.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import type { RegressionSeed } from './regression-seeds.ts';

/** Runs a scenario; its bundle stays with the logs of a case that fails. */
export async function assertPasses(
  ctx: CaseContext,
  { scenario, seed, seconds }: Pick<RegressionSeed, 'scenario' | 'seed' | 'seconds'>,
): Promise<void> {
  const target = chosenDriver().kind;
  const plan = planOf(scenarioNamed(scenario), { seed, loadMs: seconds * 1000, target, mutant: null });
  const bundleDir = join(ctx.newLogDir('run'), 'bundle');
  const { judgement } = await runPlan(plan, { bundleDir, signal: ctx.signal });
  ctx.note('operations', judgement.counts.operations);
  ctx.note('faults', judgement.counts.faults);
  const doubts = judgement.verdicts.filter(({ holds }) => holds !== true);
  assert.deepEqual(doubts, [], `see ${bundleDir}`);
  assert.equal(judgement.overall, true);
}
