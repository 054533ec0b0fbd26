import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTier } from './tiers.ts';

test('an unknown tier is refused by name', () => {
  assert.equal(parseTier('full'), 'full');
  assert.throws(() => parseTier('slow'), /there is no tier "slow"; the tiers are fast, full/);
});
