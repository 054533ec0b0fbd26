import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ddmin } from './ddmin.ts';

/** Fails when all of `culprits` are there; counts how often it was asked. */
function needing(culprits: readonly number[]) {
  const asked = { times: 0 };
  const fails = async (some: readonly number[]) => {
    asked.times += 1;
    return culprits.every((one) => some.includes(one));
  };
  return { asked, fails };
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

test('exactly the items that are needed together are left, in their order', async () => {
  const { fails } = needing([3, 40, 41, 77]);
  assert.deepEqual(await ddmin(upTo(100), fails), [3, 40, 41, 77]);
});

test('nothing is left of items that are not needed, after one question', async () => {
  const { asked, fails } = needing([]);
  assert.deepEqual(await ddmin(upTo(1_000), fails), []);
  assert.equal(asked.times, 1);
});

test('one culprit among many is found by halving', async () => {
  const { asked, fails } = needing([777]);
  assert.deepEqual(await ddmin(upTo(1_024), fails), [777]);
  assert.ok(asked.times <= 2 * Math.log2(1_024) + 1, `it took ${asked.times} questions`);
});

test('whatever the culprits, the result is minimal and the questions are bounded', async () => {
  const cases = fc
    .integer({ min: 1, max: 40 })
    .chain((count) => fc.tuple(fc.constant(count), fc.subarray(upTo(count))));
  await fc.assert(
    fc.asyncProperty(cases, async ([count, culprits]) => {
      const { asked, fails } = needing(culprits);
      assert.deepEqual(await ddmin(upTo(count), fails), culprits);
      // The paper's worst case, and the question for nothing at all.
      assert.ok(asked.times <= count ** 2 + 3 * count + 1);
    }),
  );
});

test('of a failure with two causes one is left', async () => {
  const fails = async (some: readonly number[]) => some.includes(2) || (some.includes(5) && some.includes(9));
  const left = await ddmin(upTo(12), fails);
  assert.ok(await fails(left));
  for (const one of left) assert.equal(await fails(left.filter((other) => other !== one)), false);
});
