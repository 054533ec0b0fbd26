import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entityTags, quoteTags } from './entity-tags.ts';
import { deleteConditions, writeConditions } from './write-conditions.ts';

const read = (headers: Record<string, string>) => writeConditions(new Map(Object.entries(headers)));

test('entity tags are read with quotes and without, in lists and alone', () => {
  assert.deepEqual(entityTags('"a", b ,"c-2"', 'dropped'), ['a', 'b', 'c-2']);
  assert.deepEqual(entityTags('*', 'dropped'), ['*']);
  assert.deepEqual(entityTags('"with, comma"', 'dropped'), ['with, comma']);
});

test('a weak tag matches no write, and is as good as a strong one for what must not be', () => {
  assert.deepEqual(entityTags('W/"a", "b"', 'dropped'), ['b']);
  assert.deepEqual(entityTags('W/"a", "b"', 'as-strong'), ['a', 'b']);
});

test('quotes are put where they were left out', () => {
  assert.equal(quoteTags('a'), '"a"');
  assert.equal(quoteTags('"a", W/"b", c'), '"a", W/"b", "c"');
  assert.equal(quoteTags('*'), '*');
  assert.equal(quoteTags(undefined), undefined);
});

test('conditions of a write are those that were sent, and none else', () => {
  assert.deepEqual(read({}), {});
  assert.deepEqual(read({ 'if-none-match': '*' }), { ifNoneMatch: ['*'] });
  assert.deepEqual(read({ 'if-match': '"a"', 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' }), {
    ifMatch: ['a'],
  });
  assert.deepEqual(read({ 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:01 GMT' }), {
    ifUnmodifiedSince: new Date(1_000),
  });
  for (const noDate of ['never', 'Sat, 01 Jan 12000 00:00:00 GMT']) {
    assert.deepEqual(read({ 'if-unmodified-since': noDate }), {});
  }
});

test('a deletion may ask for size and moment, which must be such', () => {
  const none = { etag: undefined, lastModified: undefined, size: undefined };
  assert.deepEqual(deleteConditions(none), {});
  const asked = { etag: '"a"', lastModified: '1970-01-01T00:00:01Z', size: '7' };
  assert.deepEqual(deleteConditions(asked), { ifMatch: ['a'], lastModified: new Date(1_000), sizeBytes: 7 });
  assert.throws(() => deleteConditions({ ...none, size: '-1' }), { code: 'InvalidArgument' });
  assert.throws(() => deleteConditions({ ...none, lastModified: 'never' }), { code: 'InvalidArgument' });
});
