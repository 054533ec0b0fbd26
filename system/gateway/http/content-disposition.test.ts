import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contentDisposition } from './content-disposition.ts';

test('a plain name is sent as it is, and only once', () => {
  assert.equal(contentDisposition('a b.txt'), 'attachment; filename="a b.txt"');
});

test('any other name has a fallback, and comes back from the extended form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }), (name) => {
      fc.pre(name.isWellFormed());
      const header = contentDisposition(name);
      assert.match(header, /^[\x20-\x7e]*$/);
      const extended = /filename\*=UTF-8''([\w!#$&+.^`|~%-]*)$/.exec(header)?.[1];
      const plain = /filename="([^"\\]*)"/.exec(header)?.[1];
      assert.equal(extended === undefined ? plain : decodeURIComponent(extended), name);
    }),
  );
});
