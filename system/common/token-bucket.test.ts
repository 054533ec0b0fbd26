import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TokenBucket } from './token-bucket.ts';

test('what is in the bucket is taken at once, and more is waited for', () => {
  const bucket = new TokenBucket(1_000, 500, 0);
  assert.equal(bucket.take(500, 0), 0);
  assert.equal(bucket.take(100, 0), 100);
  assert.equal(bucket.take(0, 100), 0);
});

test('a pause fills the bucket to its capacity and no further', () => {
  const bucket = new TokenBucket(1_000, 500, 0);
  bucket.take(500, 0);
  assert.equal(bucket.take(500, 60_000), 0);
  assert.equal(bucket.take(1, 60_000), 1);
});

test('takers who wait as they are told never exceed the rate by more than the capacity, whatever they take', () => {
  const takes = fc.array(fc.record({ amount: fc.integer({ min: 0, max: 5_000 }), idleMs: fc.nat(1_000) }));
  fc.assert(
    fc.property(takes, fc.integer({ min: 1, max: 10_000 }), fc.nat(2_000), (list, perSecond, capacity) => {
      const bucket = new TokenBucket(perSecond, capacity, 0);
      let nowMs = 0;
      let taken = 0;
      for (const { amount, idleMs } of list) {
        nowMs += idleMs + bucket.take(amount, nowMs + idleMs);
        taken += amount;
        assert.ok(taken <= capacity + (perSecond * nowMs) / 1000 + 1e-6 * (1 + taken), `${taken} by ${nowMs} ms`);
      }
    }),
  );
});
