import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesPerServer, type Layout, movedBytes, spread } from './replica-moves.ts';

describe('what moved between two layouts', () => {
  const before = layout({ n1: ['a', 'b', 'c', 'd'], n2: ['a', 'b', 'c', 'd'] });

  test('is what lies where it did not lie before, and no less than what the new server must get', () => {
    const after = layout({ n1: ['a', 'b', 'c'], n2: ['a', 'b', 'd'], n3: ['c', 'd'] });
    const { moved, least } = movedBytes(before, after, new Set(['n1', 'n2', 'n3']));
    assert.equal(moved, 20);
    assert.ok(Math.abs(least - 80 / 3) < 0.001);
  });

  test('counts a chunk that went around in a circle, and not what clients stored or deleted', () => {
    const after = layout({ n1: ['b', 'c', 'new'], n2: ['b', 'c'], n3: ['d', 'new'], n4: ['d'] });
    assert.equal(movedBytes(before, after, new Set(['n1', 'n2', 'n3', 'n4'])).moved, 20);
  });

  test('must take everything from a server that is emptied', () => {
    const after = layout({ n1: [], n2: ['a', 'b', 'c', 'd'], n3: ['a', 'b', 'c', 'd'] });
    assert.deepEqual(movedBytes(before, after, new Set(['n2', 'n3'])), { moved: 40, least: 40 });
  });

  test('has a spread of the fullest over the emptiest, as a part of the mean', () => {
    assert.equal(spread([...bytesPerServer(layout({ n1: ['a', 'b', 'c'], n2: ['a'] })).values()]), 1);
  });
});

/** Each file has ten bytes. */
function layout(servers: Record<string, string[]>): Layout {
  const files = (ids: string[]) => new Map(ids.map((id) => [id, 10]));
  return { replicas: new Map(Object.entries(servers).map(([serverId, ids]) => [serverId, files(ids)])) };
}
