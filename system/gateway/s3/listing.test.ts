import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { askedListing } from './object-listing.ts';
import { openToken, sealToken } from './page-token.ts';

const asked = (query: Record<string, string>) => askedListing(new Map(Object.entries(query)));

test('a listing has 1,000 keys unless fewer are asked for', () => {
  assert.equal(asked({}).limit, 1_000);
  assert.equal(asked({ 'max-keys': '' }).limit, 1_000);
  assert.equal(asked({ 'max-keys': '0' }).limit, 0);
  assert.equal(asked({ 'max-keys': '5000' }).limit, 1_000);
  for (const bad of ['-1', 'ten', '1.5', '2147483648']) {
    assert.throws(() => asked({ 'max-keys': bad }), { code: 'InvalidArgument' }, bad);
  }
});

test('encoding-type url writes names so that any client reads them back', () => {
  const { encode } = asked({ 'encoding-type': 'url' });
  assert.equal(encode('a b/c+d(é).\u0001'), 'a%20b/c%2Bd%28%C3%A9%29.%01');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => assert.equal(decodeURIComponent(encode(name)), name)),
  );
  assert.throws(() => asked({ 'encoding-type': 'base64' }), { code: 'InvalidArgument' });
  assert.equal(asked({}).encode('a b'), 'a b');
});

test('a token is read back, and nothing else is a token', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (after) => assert.equal(openToken(sealToken(after)), after)));
  for (const bad of ['', 'a', 'not a token', `${sealToken('key')}x`]) {
    assert.throws(() => openToken(bad), { code: 'InvalidArgument' }, bad);
  }
});
