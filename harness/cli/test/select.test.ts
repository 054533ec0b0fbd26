import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tag } from '../../kit/testing/tags.ts';
import type { FoundCase } from './discover.ts';
import { type Selection, selectCases, shardOf, unknownCases } from './select.ts';

function found(id: string, tags: Tag[] = [], phase = 1): FoundCase {
  return { id, title: id, tags, phase, timeoutMs: 1, needs: [], cluster: 'own', suite: 's', file: 'f' };
}

const all = [found('A1'), found('A2', ['slow', 'large']), found('A3', ['large']), found('B1', ['concurrent'], 2)];
const everything: Selection = {
  cases: [],
  tags: { wanted: [], unwanted: [] },
  skipSlow: false,
  phase: null,
  shard: null,
};

function ids(selection: Partial<Selection>): string[] {
  return selectCases(all, { ...everything, ...selection }).map(({ id }) => id);
}

test('without a wish everything is chosen', () => {
  assert.deepEqual(ids({}), ['A1', 'A2', 'A3', 'B1']);
});

test('what is slow is left out when asked, and nothing else', () => {
  assert.deepEqual(ids({ skipSlow: true }), ['A1', 'A3', 'B1']);
});

test('a case that is named runs whatever its tags are', () => {
  assert.deepEqual(ids({ cases: ['a2'], skipSlow: true }), ['A2']);
});

test('a phase chooses its own cases', () => {
  assert.deepEqual(ids({ phase: 2 }), ['B1']);
});

test('tags choose and refuse', () => {
  assert.deepEqual(ids({ tags: { wanted: ['large'], unwanted: ['slow'] } }), ['A3']);
});

test('the shards together hold every case exactly once', () => {
  const parts = [1, 2, 3].flatMap((index) => ids({ shard: { index, of: 3 } }));
  assert.deepEqual(parts.toSorted(), ['A1', 'A2', 'A3', 'B1']);
  assert.deepEqual(shardOf([1, 2, 3, 4, 5], { index: 2, of: 2 }), [2, 4]);
});

test('ids that no case has are told', () => {
  assert.deepEqual(unknownCases(all, ['A1', 'a2', 'Z9']), ['Z9']);
});
