import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConditionalHeaders, evaluateRead, rangeApplies } from './preconditions.ts';

const current = { etag: '"abc"', lastModified: new Date('2026-05-01T12:00:00.750Z') };
const at = 'Fri, 01 May 2026 12:00:00 GMT';
const before = 'Fri, 01 May 2026 11:59:59 GMT';

const cases: [claim: string, headers: ConditionalHeaders, expected: ReturnType<typeof evaluateRead>][] = [
  ['no condition proceeds', {}, 'proceed'],
  ['If-Match with the tag proceeds', { ifMatch: '"x", "abc"' }, 'proceed'],
  ['If-Match * proceeds', { ifMatch: '*' }, 'proceed'],
  ['If-Match with another tag fails', { ifMatch: '"x"' }, 'failed'],
  ['If-Match compares strongly', { ifMatch: 'W/"abc"' }, 'failed'],
  ['If-None-Match with the tag is not modified', { ifNoneMatch: '"abc"' }, 'not-modified'],
  ['If-None-Match compares weakly', { ifNoneMatch: 'W/"abc"' }, 'not-modified'],
  ['If-None-Match * is not modified', { ifNoneMatch: '*' }, 'not-modified'],
  ['If-None-Match with another tag proceeds', { ifNoneMatch: '"x"' }, 'proceed'],
  ['If-Modified-Since the same second is not modified', { ifModifiedSince: at }, 'not-modified'],
  ['If-Modified-Since earlier proceeds', { ifModifiedSince: before }, 'proceed'],
  ['If-None-Match overrides If-Modified-Since', { ifNoneMatch: '"x"', ifModifiedSince: at }, 'proceed'],
  ['If-Unmodified-Since the same second proceeds', { ifUnmodifiedSince: at }, 'proceed'],
  ['If-Unmodified-Since earlier fails', { ifUnmodifiedSince: before }, 'failed'],
  ['If-Match overrides If-Unmodified-Since', { ifMatch: '"abc"', ifUnmodifiedSince: before }, 'proceed'],
  ['a date that cannot be read is ignored', { ifModifiedSince: 'soon', ifUnmodifiedSince: 'late' }, 'proceed'],
];

for (const [claim, headers, expected] of cases) {
  test(claim, () => assert.equal(evaluateRead(headers, current), expected));
}

test('If-Range lets a range through only for the strong tag or the exact date', () => {
  assert.equal(rangeApplies(undefined, current), true);
  assert.equal(rangeApplies('"abc"', current), true);
  assert.equal(rangeApplies('W/"abc"', current), false);
  assert.equal(rangeApplies('"x"', current), false);
  assert.equal(rangeApplies(at, current), true);
  assert.equal(rangeApplies(before, current), false);
});
