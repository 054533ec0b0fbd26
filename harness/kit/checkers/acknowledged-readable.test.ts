import { acknowledgedReadable } from './acknowledged-readable.ts';
import { verdictCases } from './verdict-cases.fixture.ts';

const end = '20 phase final reads';
verdictCases(acknowledgedReadable, [
  ['what was acknowledged is read', `0-1 a put k v1; ${end}; 21-22 r get k -> v1`, true],
  ['what was deleted is gone', `0-1 a put k v1; 2-3 a delete k; ${end}; 21-22 r get k -> absent`, true],
  [
    'a delete that nobody answered for may have been',
    `0-1 a put k v1; 2-3 a delete k -> info; ${end}; 21-22 r get k -> absent`,
    true,
  ],
  ['of concurrent writes either may be left', `0-5 a put k v1; 1-6 b put k v2; ${end}; 21-22 r get k -> v1`, true],
  [
    'an unanswered write may have come later',
    `0-1 a put k v1; 2-3 a put k v2 -> info; ${end}; 21-22 r get k -> v2`,
    true,
  ],
  [
    'a read that failed and was tried again is no loss',
    `0-1 a put k v1; ${end}; 21-22 r get k -> fail; 23-24 r get k -> v1`,
    true,
  ],
  ['a lost write is found', `0-1 a put k v1; ${end}; 21-22 r get k -> absent`, false, [1, 3]],
  [
    'a lost write is found beside a delete that came before it',
    `0-1 a delete k; 2-3 a put k v1; ${end}; 21-22 r get k -> absent`,
    false,
    [2, 4],
  ],
  [
    'a write that was lost to an older one is found',
    `0-1 a put k v1; 2-3 a put k v2; ${end}; 21-22 r get k -> v1`,
    false,
    [2, 4],
  ],
  ['a damaged one is found', `0-1 a put k v1; ${end}; 21-22 r get k -> v1!torn`, false, [1, 3]],
  [
    'one that a single node has lost is found',
    `0-1 a put k v1; ${end}; 21-22 r get k -> v1; 23-24 r@gateway-2 get k -> absent`,
    false,
    [1, 4],
  ],
  [
    'an unanswered write that was seen is not lost either',
    `0-1 a put k v1 -> info; 2-3 b get k -> v1; ${end}; 21-22 r get k -> absent`,
    false,
    [2, 4],
  ],
  ['without final reads nobody knows', '0-1 a put k v1; 2-3 b get k -> v1', 'unknown'],
  [
    'a key that was not read at the end is unknown',
    `0-1 a put k v1; 0-1 a put j v2; ${end}; 21-22 r get k -> v1`,
    'unknown',
  ],
  [
    'a key that no final read could get is unknown',
    `0-1 a put k v1; ${end}; 21-22 r get k -> fail; 23-24 r get k -> fail`,
    'unknown',
  ],
  [
    'a key that one node did not give is unknown',
    `0-1 a put k v1; ${end}; 21-22 r get k -> v1; 23-24 r@gateway-2 get k -> fail`,
    'unknown',
  ],
  [
    'a key that one node was never asked for is unknown',
    `0-1 a put k v1; 0-1 a put j v2; ${end}; 21-22 r get k -> v1; 21-22 s get j -> v2; 23-24 r@gateway-2 get k -> v1`,
    'unknown',
  ],
  [
    'so are all of a node for which the time did not last beyond its lists',
    `0-1 a put k v1; ${end}; 21-22 r get k -> v1; 21-22 r@gateway-2 list -> k=v1`,
    'unknown',
  ],
  ['where no final read was answered nobody knows', `0-1 a put k v1 -> info; ${end}; 21-22 r get k -> fail`, 'unknown'],
]);
