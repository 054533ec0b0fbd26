import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { exitCodes } from '../../kit/experiment/judgement.ts';
import { smallPlan } from '../../kit/experiment/small-plan.fixture.ts';
import { attempt } from './attempt.ts';
import { attemptText } from './run-one.ts';

const plain = (text: string) => text;
const paint = { red: plain, green: plain, yellow: plain, dim: plain, bold: plain };

test('a run whose timeline cannot be drawn keeps its verdict, and says so', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sextant-attempt-'));
  try {
    const bundleDir = join(dir, 'bundle');
    // Stopped before it begins, so that it needs no store and is unknown.
    const plan = { ...smallPlan, cluster: { ...smallPlan.cluster, mutant: 'no-such-bug' } };
    const run = await attempt(plan, {
      bundleDir,
      signal: AbortSignal.abort(),
      onPhase: (phase) => phase === 'start' && mkdirSync(join(bundleDir, 'logs/node-1.log')),
    });
    assert.equal(run.exitCode, exitCodes.unknown);
    assert.match(attemptText(run, paint), /the run was stopped[\s\S]*timeline: could not be drawn: Error: EISDIR/);
  } finally {
    await rm(dir, { recursive: true });
  }
});
