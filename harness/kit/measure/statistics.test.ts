import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { median, percentile, summary } from './statistics.ts';

const someValues = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 50 });

test('the median of an odd number of values is the middle one, of an even number the mean of two', () => {
  assert.equal(median([5, 1, 9]), 5);
  assert.equal(median([9, 1, 5, 3]), 4);
  assert.equal(median([7]), 7);
});

test('values are compared as numbers, not as text', () => {
  assert.deepEqual(summary([100, 20, 3]), { median: 20, min: 3, max: 100 });
});

test('percentiles are nearest ranks', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.deepEqual(
    [1, 50, 99, 99.1, 100].map((perCent) => percentile(hundred, perCent)),
    [1, 50, 99, 100, 100],
  );
  assert.equal(percentile([3, 1, 2], 99), 3);
  assert.equal(percentile([42], 1), 42);
});

test('a percentile is one of the values, and so many of them are not above it', () => {
  fc.assert(
    fc.property(someValues, fc.integer({ min: 1, max: 100 }), (values, perCent) => {
      const found = percentile(values, perCent);
      assert.ok(values.includes(found));
      const notAbove = values.filter((value) => value <= found).length;
      const below = values.filter((value) => value < found).length;
      assert.ok(notAbove * 100 >= perCent * values.length && below * 100 < perCent * values.length);
    }),
  );
});

test('half of the values lie on each side of the median', () => {
  fc.assert(
    fc.property(someValues, (values) => {
      const middle = median(values);
      assert.ok(values.filter((value) => value < middle).length * 2 <= values.length);
      assert.ok(values.filter((value) => value > middle).length * 2 <= values.length);
    }),
  );
});

test('there is no median of nothing, and no percentile beyond 100', () => {
  assert.throws(() => median([]), RangeError);
  assert.throws(() => percentile([], 50), RangeError);
  for (const perCent of [0, -1, 101, Number.NaN]) assert.throws(() => percentile([1], perCent), RangeError);
});
