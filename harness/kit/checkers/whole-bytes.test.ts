import { verdictCases } from './verdict-cases.fixture.ts';
import { wholeBytes } from './whole-bytes.ts';

verdictCases(wholeBytes, [
  ['whole values are whole', '0-1 a put k v1; 2-3 b get k -> v1; 2-3 c head k -> v1', true],
  ['a value may be seen before its write is acknowledged', '0-9 a put k v1; 2-3 b get k -> v1', true],
  ['a value may be seen though nobody answered for it', '0-1 a put k v1 -> info; 2-3 b get k -> v1', true],
  ['torn bytes are found', '0-1 a put k v1; 2-3 b get k -> v1!byte 7', false, [1, 2]],
  ['bytes of no value are found', '0-1 a put k v1; 2-3 b get k -> ?', false, [2]],
  ['a value of another key is found', '0-1 a put j v1; 2-3 b get k -> v1', false, [2]],
  ['a file of the same name is another key', '0-1 a put files/k v1; 2-3 b get k -> v1', false, [2]],
  ['a value of a put that failed is found', '0-1 a put k v1 -> fail; 2-3 b get k -> v1', false, [1, 2]],
  ['a value of a refused put is found', '0-1 a put k v1 if none -> refused; 2-3 b get k -> v1', false, [1, 2]],
  ['a value from the future is found', '0-1 b get k -> v1; 2-3 a put k v1', false, [2, 1]],
  ['an acknowledgement of something else is found', '0-1 a put k v1 -> !ETag; 2-3 b get k -> v1', false, [1]],
  [
    'without a read that found something nobody knows',
    '0-1 a put k v1; 2-3 b get k -> fail; 4-5 b get k -> absent',
    'unknown',
  ],
]);
