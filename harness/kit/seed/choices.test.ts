import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Choices } from './choices.ts';

test('the same seed makes the same choices, and another seed others', () => {
  const draw = (seed: number) => {
    const choices = new Choices(seed);
    return Array.from({ length: 20 }, () => choices.int(0, 1_000_000));
  };
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
});

test('a whole number lies between its bounds, and reaches both', () => {
  const choices = new Choices('bounds');
  const drawn = new Set(Array.from({ length: 300 }, () => choices.int(-1, 2)));
  assert.deepEqual([...drawn].toSorted(), [-1, 0, 1, 2].toSorted());
});

test('a shuffle keeps every element and leaves the original alone', () => {
  const original = Array.from({ length: 50 }, (_, index) => index);
  const shuffled = new Choices(1).shuffle(original);
  assert.notDeepEqual(shuffled, original);
  assert.deepEqual(
    shuffled.toSorted((a, b) => a - b),
    original,
  );
});

test('what one fork draws does not shift what its parent or another fork gets', () => {
  const alone = new Choices(1).fork('b').int(0, 1_000_000);
  const parent = new Choices(1);
  parent.fork('a').int(0, 10);
  parent.int(0, 10);
  assert.equal(parent.fork('b').int(0, 1_000_000), alone);
  assert.notEqual(parent.fork('c').int(0, 1_000_000), alone);
});

test('nothing cannot be picked from', () => {
  assert.throws(() => new Choices(1).pick([]), RangeError);
});
