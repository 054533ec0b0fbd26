import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyPatch, PatchFailed } from './apply-patch.ts';

const files: Record<string, string> = {
  'a.ts': 'one\ntwo\nthree\nfour\n',
  'b.ts': 'same\nother\nsame\n',
};
const read = (file: string) => files[file] ?? '';

function patch(file: string, ...hunks: string[]): string {
  return `diff --git a/${file} b/${file}\nindex 1..2\n--- a/${file}\n+++ b/${file}\n${hunks.map((hunk) => `@@ -1,2 +1,2 @@ where\n${hunk}\n`).join('')}`;
}

test('lines are replaced, added and removed, wherever they have moved to', () => {
  const patched = applyPatch(patch('a.ts', ' one\n-two\n+2\n+2b', ' three\n-four'), read);
  assert.deepEqual([...patched], [['a.ts', 'one\n2\n2b\nthree\n']]);
});

test('the first and the last line can be changed', () => {
  assert.equal(applyPatch(patch('a.ts', '-one\n+1'), read).get('a.ts'), '1\ntwo\nthree\nfour\n');
  assert.equal(applyPatch(patch('a.ts', '-four\n+4'), read).get('a.ts'), 'one\ntwo\nthree\n4\n');
});

test('a patch of two files changes both', () => {
  const patched = applyPatch(patch('a.ts', '-two\n+2') + patch('b.ts', '-other\n+this'), read);
  assert.deepEqual([...patched.keys()], ['a.ts', 'b.ts']);
  assert.equal(patched.get('b.ts'), 'same\nthis\nsame\n');
});

for (const [what, bad] of [
  ['lines that are not there', patch('a.ts', '-five\n+5')],
  ['lines that are there twice', patch('b.ts', '-same\n+else')],
  ['a part of a line', patch('a.ts', '-wo\n+2')],
  ['nothing', ''],
] as const) {
  test(`a patch of ${what} is refused`, () => assert.throws(() => applyPatch(bad, read), PatchFailed));
}
