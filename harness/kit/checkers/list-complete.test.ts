import { listComplete } from './list-complete.ts';
import { verdictCases } from './verdict-cases.fixture.ts';

verdictCases(listComplete, [
  [
    'a listing shows what is there',
    '0-1 a put p/a v1; 0-1 b put p/b v2; 0-1 c put q/c v3; 2-3 d list p/ -> p/a=v1 p/b=v2',
    true,
  ],
  ['an empty listing of nothing is whole', '0-1 a put q/a v1; 2-3 d list p/', true],
  [
    'a key that comes or goes meanwhile may be there or not',
    '0-1 a put p/a v1; 0-1 b put p/b v2; 4-7 a delete p/a; 4-7 b delete p/b; 5-6 d list p/ -> p/b=v2',
    true,
  ],
  ['an unanswered write may be there', '0-1 a put p/a v1 -> info; 2-3 d list p/ -> p/a=v1; 4-5 d list p/', true],
  [
    'either of two values may be there while one replaces the other',
    '0-1 a put p/a v1; 2-9 a put p/a v2; 3-4 d list p/ -> p/a=v1',
    true,
  ],
  ['a missing key is found', '0-1 a put p/a v1; 0-1 b put p/b v2; 2-3 d list p/ -> p/b=v2', false, [1, 3]],
  [
    'a missing key that a read has seen is found',
    '0-1 a put p/a v1 -> info; 2-3 b get p/a -> v1; 4-5 d list p/',
    false,
    [2, 3],
  ],
  ['a deleted key is found', '0-1 a put p/a v1; 2-3 a delete p/a; 4-5 d list p/ -> p/a=v1', false, [2, 3]],
  [
    'a key that a read has found gone is found',
    '0-1 a put p/a v1; 2-3 a delete p/a -> info; 4-5 b get p/a -> absent; 6-7 d list p/ -> p/a=v1',
    false,
    [3, 4],
  ],
  ['a key that nobody put is found', '0-1 a put p/a v1; 2-3 d list p/ -> p/a=v1 p/b=v1', false, [2]],
  ['a key that is put later is found', '0-1 d list p/ -> p/a=v1; 2-3 a put p/a v1', false, [1]],
  ['a key of a failed put is found', '0-1 a put p/a v1 -> fail; 2-3 d list p/ -> p/a=v1', false, [2]],
  ['a key that is there twice is found', '0-1 a put p/a v1; 2-3 d list p/ -> p/a=v1 p/a=v1', false, [2]],
  [
    'keys that are not in the order of their bytes are found',
    '0-1 a put p/a v1; 0-1 b put p/b v2; 2-3 d list p/ -> p/b=v2 p/a=v1',
    false,
    [3],
  ],
  [
    'that order is the one of UTF-8, and files have none',
    '0-1 a put \uff5e v1; 0-1 b put \u{1f600} v2; 2-3 d list -> \uff5e=v1 \u{1f600}=v2; 0-1 a put files/b v3; 0-1 b put files/a v4; 2-3 d list files/ -> b=v3 a=v4',
    true,
  ],
  ['a key without the prefix is found', '0-1 a put q/a v1; 2-3 d list p/ -> q/a=v1', false, [2]],
  ['a replaced value is found', '0-1 a put p/a v1; 2-3 a put p/a v2; 4-5 d list p/ -> p/a=v1', false, [1, 2, 3]],
  ['a value of another key is found', '0-1 a put p/a v1; 0-1 b put p/b v2; 2-3 d list p/ -> p/a=v2 p/b=v2', false, [3]],
  ['an ETag of no value is found', '0-1 a put p/a v1; 2-3 d list p/ -> p/a=?', false, [2]],
  ['without a prefix, keys that are not of the run may be there', '0-1 a put k v1; 2-3 d list -> k=v1 probe=?', true],
  ['a missing file is found', '0-1 a put files/f-a v1; 2-3 d list files/f-', false, [1, 2]],
  [
    'a deleted file is found',
    '0-1 a put files/f-a v1; 2-3 a delete files/f-a; 4-5 d list files/f- -> f-a=v1',
    false,
    [2, 3],
  ],
  [
    'files and keys are apart',
    '0-1 a put files/f-a v1; 0-1 b put f-b v2; 2-3 d list files/f- -> f-a=v1; 2-3 d list f- -> f-b=v2',
    true,
  ],
  [
    'pages of files that shift prove nothing',
    '0-1 a put files/f-a v1; 2-9 b put files/f-b v2; 3-4 d list files/f-',
    true,
  ],
  [
    'one page of files shows a whole one, beside writes that run and beside those that nobody answered for',
    '0-1 a put files/f-a v1; 2-9 b put files/f-b v2; 3-4 c put files/f-c v3 -> info; 5-6 d list files/f- -> f-a=v1 in 1',
    true,
  ],
  [
    'a file that is missing on the only page is found, whatever else may have happened',
    '0-1 a put files/f-a v1; 2-3 b put files/f-b v2 -> info; 4-5 d list files/f- -> f-b=v2 in 1',
    false,
    [1, 3],
  ],
  [
    'a file that is there after its delete is found on the only page too',
    '0-1 a put files/f-a v1; 2-3 a delete files/f-a; 4- b put files/f-b v2; 5-6 d list files/f- -> f-a=v1 in 1',
    false,
    [2, 4],
  ],
  [
    'of several pages the same proves nothing',
    '0-1 a put files/f-a v1; 2-3 b put files/f-b v2 -> info; 4-5 d list files/f- -> f-b=v2 in 2',
    true,
  ],
  ['a listing that failed proves nothing', '0-1 a put p/a v1; 2-3 d list p/ -> fail', true],
]);
