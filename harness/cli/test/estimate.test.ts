import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedMs, learned, timeLeftMs } from './estimate.ts';

const quick = { key: 'quick', tags: [] };
const slow = { key: 'slow', tags: ['slow', 'large'] } as const;

test('a job that never ran is guessed by the slowest of its tags', () => {
  assert.ok(expectedMs(slow, {}) > expectedMs(quick, {}));
  assert.equal(expectedMs(slow, { slow: 12 }), 12);
});

test('what runs already counts with what is left of it, and never below nothing', () => {
  const durations = { quick: 1_000, slow: 10_000 };
  assert.equal(timeLeftMs([quick], [{ job: slow, forMs: 4_000 }], 1, durations), 7_000);
  assert.equal(timeLeftMs([], [{ job: quick, forMs: 9_000 }], 1, durations), 0);
});

test('more workers shorten the wait, but not below the longest that runs', () => {
  const durations = { quick: 1_000, slow: 10_000 };
  assert.equal(timeLeftMs([quick, quick], [], 2, durations), 1_000);
  assert.equal(timeLeftMs([], [{ job: slow, forMs: 0 }], 8, durations), 10_000);
});

test('a new duration moves the old one half the way and keeps the others', () => {
  assert.deepEqual(learned({ a: 100, b: 5 }, { a: 200, c: 7 }), { a: 150, b: 5, c: 7 });
});
