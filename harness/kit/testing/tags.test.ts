import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesTags, parseTagFilter } from './tags.ts';

test('a filter without words takes every case', () => {
  assert.equal(matchesTags([], parseTagFilter('')), true);
  assert.equal(matchesTags(['slow', 'large'], parseTagFilter('')), true);
});

test('wanted tags take cases that have any of them, unwanted tags win', () => {
  const filter = parseTagFilter('slow, concurrent, !large');
  assert.equal(matchesTags(['slow'], filter), true);
  assert.equal(matchesTags(['concurrent'], filter), true);
  assert.equal(matchesTags([], filter), false);
  assert.equal(matchesTags(['slow', 'large'], filter), false);
});

test('an unknown tag is refused by name', () => {
  assert.throws(() => parseTagFilter('slow,huge'), /there is no tag "huge"; the tags are slow, large, concurrent/);
});
