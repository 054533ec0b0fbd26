import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historyOf } from './history.fixture.ts';
import { versionsKept } from './versions-kept.ts';

const writes = `
  0-1 a put k v1 -> @1
  2-3 a put k v2 -> @2
  4-5 b delete k -> @3
  6-7 a put l v3 -> @4
`;
const whole = 'k=marker@3 k=v2@2 k=v1@1 l=v3@4';
const said = (operations: string, versions: string) => {
  const { holds, because } = versionsKept(historyOf(`${operations}\n 90 versions ${versions}`));
  return holds === true ? true : `${holds}: ${because}`;
};

test('every acknowledged version is there, old ones and markers too', () => {
  assert.equal(said(writes, whole), true);
});

for (const [what, versions, because] of [
  ['an old version that is gone', 'k=marker@3 k=v2@2 l=v3@4', /version 1 of a's put of v1 to k .* is not there/],
  ['a marker that is gone', 'k=v2@2 k=v1@1 l=v3@4', /version 3 of b's delete of k .* is not there/],
  ['a version with the bytes of another', 'k=marker@3 k=v2@2 k=v2@1 l=v3@4', /version 1 of .* is v2 at the end/],
  ['torn bytes', 'k=marker@3 k=v2@2 k=v1@1!torn l=v3@4', /version 1 of .* is v1, torn at the end/],
  ['a version where a marker was left', 'k=v1@3 k=v2@2 k=v1@1 l=v3@4', /version 3 of .* is v1 at the end/],
  ['a value twice', `${whole} l=v3@5`, /version 5 of l is v3, and so is version 4/],
  ['a value of another key', `${whole} l=v1@5`, /version 5 of l is v1, of another key/],
  ['bytes of nobody', `${whole} l=?@5`, /version 5 of l is bytes of no value/],
  ['a marker of nobody', `${whole} l=marker@5`, /l has 1 delete markers of no acknowledged delete/],
] as const) {
  test(`${what} is told`, () => {
    assert.match(String(said(writes, versions)), because);
  });
}

test('what was not answered may be there or not, and what failed may not', () => {
  const unsure = `${writes}\n 10-11 c put l v4 -> info\n 10-11 d delete l -> info\n 12- e put l v5`;
  assert.equal(said(unsure, whole), true);
  assert.equal(said(unsure, `${whole} l=v4@7 l=marker@8 l=v5@9`), true);
  assert.match(String(said(unsure, `${whole} l=marker@8 l=marker@9`)), /2 delete markers .* 1 deletes had no answer/);
  assert.match(
    String(said(`${writes}\n 10-11 c put l v4 -> fail`, `${whole} l=v4@7`)),
    /is v4, though c's put of v4 to l/,
  );
  assert.match(String(said(`${writes}\n 10-11 c put l v4 if none -> refused`, `${whole} l=v4@7`)), /is v4, though/);
});

test('a bucket without versions has none to keep; versions that were not read say nothing', () => {
  assert.equal(versionsKept(historyOf('0-1 a put k v1')).holds, true);
  assert.equal(versionsKept(historyOf(writes)).holds, 'unknown');
});
