/**
 * Runs that cannot tell anything. Taken for a pass they would hide a bug, taken for a failure they would cost somebody a day.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkAll } from '../../kit/checkers/check-all.ts';
import { chosenDriver } from '../../kit/cluster/driver.ts';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { exitCodeOf, exitCodes } from '../../kit/experiment/judgement.ts';
import type { Plan } from '../../kit/experiment/plan.ts';
import { planText } from '../../kit/experiment/read-plan.ts';
import { runPlan } from '../../kit/experiment/run-plan.ts';
import { scenarioNamed } from '../../kit/scenarios/all.ts';
import { planOf } from '../../kit/scenarios/scenario.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { testCase } from '../../kit/testing/test-case.ts';

const commandDeadlineMs = 90_000;

function calm(ctx: CaseContext): Plan {
  const target = chosenDriver().kind;
  return planOf(scenarioNamed('calm'), { seed: ctx.seed, loadMs: 3_000, target, mutant: null });
}

testCase(
  'X5',
  'a store that never comes up ends a run with exit code 3, and its bundle stays',
  { cluster: 'own', phase: 3, timeoutMs: 120_000 },
  async (ctx) => {
    const plan = calm(ctx);
    const dir = join(ctx.newLogDir('run'), 'bundle');
    await mkdir(dir);
    const broken = { ...plan, seed: '5', cluster: { ...plan.cluster, settings: { SEXTANT_LOG_LEVEL: 'shouting' } } };
    await writeFile(join(dir, 'plan.json'), planText(broken));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['harness/cli/sextant.mjs', 'reproduce', dir, '--runs-dir', join(dir, 'runs')],
      {
        cwd: repositoryRoot,
        encoding: 'utf8',
        timeout: commandDeadlineMs,
        env: { ...process.env, INIT_CWD: repositoryRoot },
      },
    );
    assert.equal(status, exitCodes.harnessError, `${stdout}${stderr}`);
    assert.match(stdout, /SEXTANT_LOG_LEVEL/, 'what is wrong is told');
    assert.match(await readFile(join(dir, 'runs/chaos-5-calm/plan.json'), 'utf8'), /"shouting"/);
  },
);

testCase(
  'X6',
  'a checker that crashes makes a run unknown, and not a pass',
  { cluster: 'own', phase: 3, timeoutMs: 120_000 },
  async (ctx) => {
    const bundleDir = join(ctx.newLogDir('run'), 'bundle');
    const crashing = () => {
      throw new TypeError('a checker with a bug');
    };
    const { judgement } = await runPlan(calm(ctx), {
      bundleDir,
      signal: ctx.signal,
      check: (history, limits) => checkAll(history, limits, [crashing]),
    });
    assert.equal(exitCodeOf(judgement.overall), exitCodes.unknown);
    assert.match(JSON.stringify(judgement.verdicts), /a checker with a bug/);
    assert.match(await readFile(join(bundleDir, 'verdict.json'), 'utf8'), /"overall": "unknown"/);
  },
);
