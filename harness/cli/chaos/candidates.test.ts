/** What counts as the same failure: a run that breaks something else must not lead the shrinking astray. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { brokenIn } from '../../kit/experiment/bundle.ts';
import { exitCodes, summaryOf } from '../../kit/experiment/judgement.ts';
import { smallPlan } from '../../kit/experiment/small-plan.fixture.ts';
import type { Attempt } from './attempt.ts';
import { Candidates } from './candidates.ts';

const plain = (text: string) => text;
const paint = { red: plain, green: plain, yellow: plain, dim: plain, bold: plain };

/** Candidates whose runs break these, one run after the other. */
function candidatesThatBreak(broken: readonly string[], ...runs: readonly string[][]) {
  const left = runs.values();
  const run = async (): Promise<Attempt> => {
    const verdicts = (left.next().value ?? []).map((checker) => {
      return { checker, holds: false, because: '', operations: [] } as const;
    });
    const judgement = { overall: verdicts.length === 0, verdicts, ...summaryOf([]) };
    return { bundleDir: 'nowhere', exitCode: exitCodes.fail, outcome: { judgement, history: [] }, notDrawn: null };
  };
  const signal = new AbortController().signal;
  return new Candidates({ times: 1, minutes: 1, bundleDir: 'nowhere', signal, paint, broken, run });
}

test('a candidate counts only where it breaks what the bundle broke', async () => {
  const { fails } = candidatesThatBreak(
    ['linearizable', 'census'],
    ['available'],
    ['census', 'recovers'],
    ['recovers'],
  );
  assert.deepEqual([await fails(smallPlan), await fails(smallPlan), await fails(smallPlan)], [false, true, false]);
});

test('where the bundle broke nothing, what its plan breaks first counts', async () => {
  const { fails } = candidatesThatBreak([], [], ['available'], ['recovers'], ['available', 'recovers']);
  const told = [await fails(smallPlan), await fails(smallPlan), await fails(smallPlan), await fails(smallPlan)];
  assert.deepEqual(told, [false, true, false, true]);
});

test('what a bundle broke is in its verdict; without one it is nothing', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sextant-bundle-'));
  try {
    assert.deepEqual(await brokenIn(dir), []);
    const verdicts = [
      { checker: 'census', holds: false },
      { checker: 'available', holds: 'unknown' },
      { checker: 'recovers', holds: true },
    ];
    await writeFile(join(dir, 'verdict.json'), JSON.stringify({ overall: false, verdicts }));
    assert.deepEqual(await brokenIn(dir), ['census']);
  } finally {
    await rm(dir, { recursive: true });
  }
});
