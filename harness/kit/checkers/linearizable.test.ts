import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { historyOf } from './history.fixture.ts';
import { linearizableWithin } from './linearizable.ts';

const judge = (text: string, configurationsMax = 10_000) => linearizableWithin(configurationsMax)(historyOf(text));
const holds = (text: string) => assert.deepEqual(judge(text).holds, true, judge(text).because);
const fails = (text: string, operations: number[]) => {
  const verdict = judge(text);
  assert.deepEqual([verdict.holds, verdict.operations], [false, operations], verdict.because);
  return verdict.because;
};

describe('linearizable accepts', () => {
  const good: Record<string, string> = {
    'a history without operations': '0 phase load',
    'a read of what was written': '0-1 a put k v1\n 2-3 b get k -> v1\n 4-5 a delete k\n 6-7 b get k -> absent',
    'reads that see a write before it was acknowledged': '0-9 a put k v1\n 1-2 b get k -> v1\n 3-4 c head k -> v1',
    'a read before a concurrent write, and one after it': '0-9 a put k v1\n 1-2 b get k -> absent\n 3-4 b get k -> v1',
    'concurrent writes in either order': '0-5 a put k v1\n 0-5 b put k v2\n 6-7 c get k -> v1',
    'a write that nobody answered for, and that was':
      '0-1 a put k v1 -> info\n 2-3 b get k -> absent\n 9-10 b get k -> v1',
    'a write that nobody answered for, and that was not': '0-1 a put k v1 -> info\n 2-3 b get k -> absent',
    'a write that never ended and takes effect late':
      '0- a put k v1\n 1-2 b put k v2\n 3-4 c get k -> v2\n 5-6 c get k -> v1',
    'a delete that nobody answered for':
      '0-1 a put k v1\n 2-3 a delete k -> info\n 4-5 b get k -> v1\n 6-7 b get k -> absent',
    'a write that failed and was not': '0-1 a put k v1\n 2-3 a put k v2 -> fail\n 4-5 b get k -> v1',
    'a read that failed': '0-1 a put k v1\n 2-3 b get k -> fail',
    'a refusal since the object is there': '0-1 a put k v1\n 2-3 b put k v2 if none -> refused\n 4-5 b get k -> v1',
    'a refusal at a moment when another value was there':
      '0-9 a put k v1\n 1-8 b put k v2 if v1 -> refused\n 10-11 c get k -> v1',
    'conditional writes in a chain':
      '0-1 a put k v1 if none\n 2-3 b put k v2 if v1\n 4-5 a put k v3 if v2\n 6-7 b get k -> v3',
    'one winner of two conditional writes':
      '0-1 a put k v0\n 2-5 a put k v1 if v0\n 2-5 b put k v2 if v0 -> refused\n 6-7 a get k -> v1',
    'a refusal by a write that nobody answered for and nobody saw':
      '0-1 a put k v1\n 2-3 b put k v2 -> info\n 4-5 c put k v3 if v1 -> refused\n 6-7 a put k v4\n 8-9 c get k -> v4',
    'a condition for that an object was not there': '0-1 a put k v1 if v0 -> absent',
    'wrong bytes, which another checker reports': '0-1 a put k v1\n 2-3 b get k -> v1!torn\n 4-5 b get k -> ?',
    'lists beside a write that runs, before it and after it':
      '0-1 a put p/k v1\n 2-9 a put p/k v2\n 3-4 b list p/ -> p/k=v1\n 5-6 b list -> p/k=v2\n 7-8 b get p/k -> v2',
    'a list that shows an unsure write, and one that does not any more':
      '0-1 a put p/k v1 -> info\n 2-3 b list p/ -> p/k=v1\n 4-5 b delete p/k -> info\n 6-7 b list p/',
    'a list of other keys, one that failed, and one of an ETag that another checker reports':
      '0-1 a put k v1\n 2-3 b list p/\n 4-5 b list -> fail\n 6-7 b list -> k=?',
    'a list of files, whose pages go by number': '0-1 a put files/f v1\n 2-3 b list files/f',
    'one key of S3 and of /files apart':
      '0-1 a put k v1\n 2-3 a get files/k -> absent\n 4-5 a delete files/k\n 6-7 a get k -> v1',
  };
  for (const [title, text] of Object.entries(good)) test(title, () => holds(text));
});

describe('linearizable finds', () => {
  const bad: Record<string, [string, number[]]> = {
    'a lost write': ['0-1 a put k v1\n 2-3 b get k -> absent', [1, 2]],
    'a stale read': ['0-1 a put k v1\n 2-3 a put k v2\n 4-5 b get k -> v2\n 6-7 b get k -> v1', [1, 2, 4]],
    'two reads that go back beside a running write': [
      '0-1 a put k v1\n 2-9 a put k v2\n 3-4 b get k -> v2\n 5-6 c get k -> v1',
      [1, 2, 3, 4],
    ],
    'a deleted value that comes back': ['0-1 a put k v1\n 2-3 b delete k\n 4-5 b get k -> v1', [1, 2, 3]],
    'a failed write that was seen': ['0-1 a put k v1 -> fail\n 2-3 b get k -> v1', [2]],
    'a value of another key': ['0-1 a put j v1\n 2-3 b get k -> v1', [2]],
    'two winners of one condition': ['0-1 a put k v0\n 2-5 a put k v1 if v0\n 2-5 b put k v2 if v0', [1, 2, 3]],
    'two that both created': ['0-5 a put k v1 if none\n 0-5 b put k v2 if none', [1, 2]],
    'a refusal without a reason': ['0-1 a put k v1 if none -> refused', [1]],
    'a refusal though the value was there': ['0-1 a put k v1\n 2-3 b put k v2 if v1 -> refused', [1, 2]],
    'a refused write that was seen': ['0-1 a put k v0\n 2-3 b put k v1 if none -> refused\n 4-5 b get k -> v1', [3]],
    'a write that was unsure and is seen, gone and back': [
      '0-1 a put k v1 -> info\n 2-3 b get k -> v1\n 4-5 b delete k\n 6-7 b get k -> v1',
      [1, 2, 3, 4],
    ],
    'a list of what a write has replaced that nobody answered for and that was seen': [
      '0-1 a put k v1\n 2-3 a put k v2 -> info\n 4-5 b get k -> v2\n 6-7 c list -> k=v1',
      [1, 2, 3, 4],
    ],
    'a list that shows what a later read does not any more': [
      '0-1 a put k v1\n 2-9 a put k v2\n 3-4 b list -> k=v2\n 5-6 c get k -> v1',
      [1, 2, 3, 4],
    ],
    'a list without a key that another one had before': [
      '0-1 a put p/k v1 -> info\n 2-3 b list p/ -> p/k=v1\n 4-5 b list p/',
      [1, 2, 3],
    ],
    'a condition that held and wrote nothing, when the unsure write came later': [
      '0-1 a put k v1\n 2-3 c put k v3 if v1 -> refused\n 4-5 b put k v2 -> info',
      [1, 2],
    ],
  };
  for (const [title, [text, operations]] of Object.entries(bad)) test(title, () => void fails(text, operations));

  test('what a list says of the key, in the words of a list', () => {
    const because = fails('0-1 a put p/k v1 -> info\n 2-3 b list p/ -> p/k=v1\n 4-5 b list p/', [1, 2, 3]);
    assert.match(
      because,
      /explains b's list of "p\/" \(operation 3\) -> 0 keys, without it beside .*, where it is v1$/,
    );
  });

  test('one violation among many operations, and shows no others', () => {
    const before = Array.from(
      { length: 200 },
      (_, i) => `${4 * i}-${4 * i + 1} a put k v${i}\n${4 * i + 2}-${4 * i + 3} b get k -> v${i}`,
    );
    const because = fails(`${before.join('\n')}\n 900-901 b get k -> v198\n 902-999 b get k -> v199`, [397, 399, 401]);
    assert.match(
      because,
      /^k: no order of the writes explains b's get of k \(operation 401\) -> v198 beside a's put of v198/,
    );
  });

  test('how many keys are violated', () => {
    assert.match(fails('0-1 a get k -> v1\n 0-1 b get l -> v1\n 0-1 c get m -> v1', [1]), /\(and so 2 more keys\)$/);
  });
});

describe('linearizable says unknown', () => {
  const concurrent = Array.from({ length: 12 }, (_, i) => `${i}-50 p${i} put k v${i}\n ${i}-50 q${i} get k -> v${i}`);
  const hard = `${concurrent.join('\n')}\n 60-61 a get k -> v1\n 62-63 a get k -> v2`;

  test('of a key that it cannot decide within its bound', () => {
    const verdict = judge(hard, 3);
    assert.deepEqual([verdict.holds, verdict.operations], ['unknown', []]);
    assert.match(verdict.because, /^1 of 1 keys were not decided within 3 configurations: k$/);
  });

  test('and not where the bound is wider', () => {
    assert.equal(judge(hard, 200_000).holds, false);
  });

  test('but false where another key is violated', () => {
    assert.equal(judge(`${hard}\n 0-1 a get j -> v1`, 3).holds, false);
  });
});
