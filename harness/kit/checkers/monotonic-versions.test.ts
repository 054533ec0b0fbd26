import { monotonicVersions } from './monotonic-versions.ts';
import { verdictCases } from './verdict-cases.fixture.ts';

verdictCases(monotonicVersions, [
  [
    'each write has its version',
    '0-1 a put k v1 -> @1; 2-3 a delete k -> @2; 4-5 a put k v2 -> @3; 6-7 b get k -> v2@3',
    true,
  ],
  ['a bucket without versions has none', '0-1 a put k v1; 2-3 a put k v2; 4-5 b get k -> v2', true],
  ['versions of two keys are apart', '0-1 a put k v1 -> @1; 2-3 a put j v2 -> @1', true],
  [
    'another client may be behind a write that still runs',
    '0-1 a put k v1; 2-9 a put k v2; 3-4 b get k -> v2; 3-4 c get k -> v1',
    true,
  ],
  [
    'concurrent writes may be seen in either order',
    '0-5 a put k v1; 0-5 b put k v2; 6-7 c get k -> v2; 8-9 c get k -> v1',
    true,
  ],
  ['one version of two writes is found', '0-1 a put k v1 -> @1; 2-3 a put k v2 -> @1', false, [1, 2]],
  ['one version of a write and a delete is found', '0-1 a put k v1 -> @1; 2-3 a delete k -> @1', false, [1, 2]],
  [
    'one version seen with two values is found',
    '0-1 a put k v1 -> info; 2-3 b get k -> v1@1; 4-5 a put k v2 -> @1',
    false,
    [2, 3],
  ],
  ['a write that was made twice is found', '0-1 a put k v1 -> @1; 2-3 b get k -> v1@2', false, [1, 2]],
  ['a write without a version beside others is found', '0-1 a put k v1 -> @1; 2-3 a put k v2', false, [1, 2]],
  ['a read that does not say of which version is found', '0-1 a put k v1 -> @1; 2-3 b get k -> v1', false, [1, 2]],
  ['so is a delete without a version of its marker', '0-1 a put k v1 -> @1; 2-3 a delete k', false, [1, 2]],
  ['files have no versions', '0-1 a put k v1 -> @1; 0-1 b put files/f v2; 2-3 b get files/f -> v2', true],
  [
    'a reader that goes back is found',
    '0-1 a put k v1; 2-9 a put k v2; 3-4 b get k -> v2; 5-6 b get k -> v1',
    false,
    [2, 3, 4],
  ],
  [
    'a writer that does not see its write is found',
    '0-1 a put k v1; 2-3 b put k v2; 4-5 b get k -> v1',
    false,
    [2, 2, 3],
  ],
]);
