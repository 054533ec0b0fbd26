import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ListingRange, listingRange } from './listing-range.ts';

function range(prefix: string, delimiter: string, afterKey: string, marker?: string): Record<string, string | null> {
  const {
    firstKey,
    endKey,
    markerKey,
    marker: found,
  }: ListingRange = listingRange({ prefix, delimiter, limit: 1 }, afterKey, marker);
  const shown = (bytes: Buffer) => bytes.toString('latin1');
  return { first: shown(firstKey), end: shown(endKey), markerKey: shown(markerKey), marker: found };
}
const noMarker = { markerKey: '', marker: null };

test('a listing begins at its prefix and ends behind the last key with it', () => {
  assert.deepEqual(range('', '', ''), { first: '', end: '\xff', ...noMarker });
  assert.deepEqual(range('a/', '', ''), { first: 'a/', end: 'a0', ...noMarker });
  assert.deepEqual(range('\u{10FFFF}', '', '')['end'], '\xf4\x8f\xbf\xc0');
});

test('it goes on directly behind a key, and not before its prefix', () => {
  assert.equal(range('a', '', 'ab')['first'], 'ab\0');
  assert.equal(range('m', '', 'b')['first'], 'm');
  assert.equal(range('m', '', 'z')['first'], 'z\0');
});

test('behind a common prefix, the whole group is passed over; in the middle of a group, it is not', () => {
  assert.equal(range('a/', '/', 'a/b/')['first'], 'a/b0');
  assert.equal(range('a/', '/', 'a/b/c')['first'], 'a/b/c\0');
  assert.equal(range('a/', '--', 'a/b--')['first'], 'a/b-.');
  assert.equal(range('a/b/', '/', 'a/b/')['first'], 'a/b/\0', 'a key that is the prefix itself');
  assert.equal(range('', '', 'a/b/')['first'], 'a/b/\0', 'no delimiter');
});

test('a version marker counts within a key that is listed by itself', () => {
  assert.deepEqual(range('a', '/', 'ab', 'v'), { first: 'ab\0', end: 'b', markerKey: 'ab', marker: 'v' });
  assert.deepEqual(range('a', '/', 'ab/c', 'v'), { first: 'ab/c\0', end: 'b', ...noMarker });
  assert.deepEqual(range('b', '/', 'a', 'v'), { first: 'b', end: 'c', ...noMarker });
});
