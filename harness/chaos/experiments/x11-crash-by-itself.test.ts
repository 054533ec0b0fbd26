/** A service that falls over and is started again may lose nothing, and is broken all the same. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodeOf, exitCodes } from '../../kit/experiment/judgement.ts';
import { runPlan } from '../../kit/experiment/run-plan.ts';
import { scenarioNamed } from '../../kit/scenarios/all.ts';
import { planOf } from '../../kit/scenarios/scenario.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { childrenOf } from './children-of.ts';

testCase(
  'X11',
  'a service that ends by itself under load makes a run fail, though everything is served again',
  // The gateway is found among the children of this process, which containers are not.
  { cluster: 'own', phase: 3, timeoutMs: 120_000, needs: ['shared process ids'] },
  async (ctx) => {
    const size = { seed: ctx.seed, loadMs: 6_000, target: 'processes', mutant: null } as const;
    const bundleDir = join(ctx.newLogDir('run'), 'bundle');
    const crashes: Promise<void>[] = [];
    const { judgement } = await runPlan(planOf(scenarioNamed('calm'), size), {
      bundleDir,
      signal: ctx.signal,
      onPhase: (phase) => {
        if (phase === 'load') crashes.push(crashGateway());
      },
    });
    await Promise.all(crashes);

    assert.equal(exitCodeOf(judgement.overall), exitCodes.fail);
    const broken = judgement.verdicts.filter(({ holds }) => holds === false);
    assert.deepEqual(
      broken.map(({ checker, because }) => `${checker}: ${because}`),
      ['stays-up: gateway-1 ended by itself with SIGSEGV'],
    );
    assert.match(await readFile(join(bundleDir, 'history.jsonl'), 'utf8'), /"type":"recovered"/);
  },
);

async function crashGateway(): Promise<void> {
  for (const pid of await childrenOf(process.pid)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('gateway/main')) process.kill(Number(pid), 'SIGSEGV');
  }
}
