import { noResurrection } from './no-resurrection.ts';
import { verdictCases } from './verdict-cases.fixture.ts';

verdictCases(noResurrection, [
  ['the newest value is seen', '0-1 a put k v1; 2-3 a put k v2; 4-5 b get k -> v2', true],
  ['a value may be seen while its delete runs', '0-1 a put k v1; 2-9 a delete k; 4-5 b get k -> v1', true],
  ['the older of two concurrent writes may last', '0-5 a put k v1; 2-6 b put k v2; 7-8 b get k -> v1', true],
  ['a write that nobody answered for may come late', '0-1 a put k v1 -> info; 2-3 a delete k; 4-5 b get k -> v1', true],
  [
    'a delete that nobody answered for proves nothing',
    '0-1 a put k v1; 2-3 a delete k -> info; 4-5 b get k -> v1',
    true,
  ],
  ['a refused put replaces nothing', '0-1 a put k v1; 2-3 a put k v2 if none -> refused; 4-5 b get k -> v1', true],
  ['a deleted value that is back is found', '0-1 a put k v1; 2-3 a delete k; 4-5 b get k -> v1', false, [1, 2, 3]],
  ['a replaced value that is back is found', '0-1 a put k v1; 2-3 a put k v2; 4-5 b head k -> v1', false, [1, 2, 3]],
  [
    'the first to end of the later writes is found, whatever began first',
    '0-1 a put k v1; 2-9 a put k v2; 3-4 c put k v3; 5-6 b get k -> v1',
    false,
    [1, 3, 4],
  ],
  [
    'an unanswered write that was seen comes once',
    '0-1 a put k v1 -> info; 2-3 b get k -> v1; 4-5 a delete k; 6-7 b get k -> v1',
    false,
    [1, 3, 4],
  ],
  [
    'a value that is put twice may come back',
    '0-1 a put k v1; 2-3 a delete k; 4-5 a put k v1 -> info; 6-7 b get k -> v1',
    true,
  ],
]);
