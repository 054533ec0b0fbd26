import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historyOf } from './history.fixture.ts';
import { spaceReturned } from './space-returned.ts';

test('what is left of what was deleted is told, the first of it by name', () => {
  const { holds, because } = spaceReturned(historyOf('9 cleared left=5'));
  assert.deepEqual([holds, because], [false, 'after all was deleted: left-1, left-2, left-3 and 2 more']);
});

test('nothing left is space returned; nothing deleted says nothing', () => {
  assert.equal(spaceReturned(historyOf('9 cleared')).holds, true);
  assert.equal(spaceReturned(historyOf('9 census')).holds, 'unknown');
  const kept = { type: 'cleared', at: 9, left: null } as const;
  assert.match(spaceReturned([...historyOf('9 census'), kept]).because, /nothing was deleted/);
});
