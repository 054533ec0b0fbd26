/**
 * Short runs of the scenarios, and of every seed that once found something. A failure is a broken promise of the store, with the
 * operations that show it; or an alarm of the instrument without a reason, which is as bad.
 */
import { testCase } from '../../kit/testing/test-case.ts';
import { assertPasses } from './assert-passes.ts';
import { regressionSeeds } from './regression-seeds.ts';

const shortSeconds = 6;

const tried = { X2: 'calm', X3: 'node-crashes', X4: 'two-gateways-cas', X8: 'versions' };
for (const [id, scenario] of Object.entries(tried)) {
  testCase(
    id,
    `a short run of the scenario ${scenario} keeps every promise`,
    { cluster: 'own', phase: 3, tags: ['concurrent'], timeoutMs: 240_000 },
    (ctx) => assertPasses(ctx, { scenario, seed: ctx.seed, seconds: shortSeconds }),
  );
}

for (const [n, { scenario, seed, seconds, taught }] of regressionSeeds.entries()) {
  testCase(
    `X${n + 20}`,
    `${scenario} with seed ${seed} does not fail again (${taught})`,
    { cluster: 'own', phase: 3, tags: ['concurrent'], timeoutMs: 240_000 + seconds * 1000 },
    (ctx) => assertPasses(ctx, { scenario, seed, seconds }),
  );
}
