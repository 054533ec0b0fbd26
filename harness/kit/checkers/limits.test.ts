import { describe } from 'node:test';
import { boundedUnavailability } from './bounded-unavailability.ts';
import { census } from './census.ts';
import { exercised } from './exercised.ts';
import { recovers } from './recovers.ts';
import { verdictCases } from './verdict-cases.fixture.ts';

describe('bounded unavailability', () =>
  verdictCases(boundedUnavailability(1_000), [
    ['an operation that ends in time is no complaint', '0-900 a put k v1; 1000-7000 a get k -> fail', true],
    ['one that ends too late is found', '0-6001 a put k v1 -> info', false, [1]],
    ['one that never ends is found', '0- a put k v1; 0-1 b get k -> absent; 6001-6002 b get k -> absent', false, [1]],
    [
      'one that runs when the run ends is unknown',
      '0- a put k v1; 0-1 b get k -> absent; 3000-3001 b get k -> absent',
      'unknown',
    ],
  ]));

describe('recovery', () =>
  verdictCases(recovers(1_000), [
    ['a store that serves again in time has recovered', '5 phase recover; 1005 recovered', true],
    ['one that serves again too late has not', '5 phase recover; 1006 recovered', false],
    ['one that does not serve again has not', '5 phase recover', false],
    ['without that phase nobody knows', '5 phase load; 6 recovered', 'unknown'],
    [
      'a key that is refused again and again at the end has not',
      '5 phase recover; 6 recovered; 7 phase final reads; 8-9 a get k -> fail; 8-9 b get l -> absent; 300-508 a get k -> fail',
      false,
      [4, 6],
    ],
    [
      'one that is answered at last has, and so has one that was given little time, or no answer',
      '5 phase recover; 6 recovered; 7 phase final reads; 8-9 a get k -> fail; 600-601 a get k -> absent; 8-9 a get l -> fail; 8-507 a get l -> fail; 8-9 a get m -> fail; 600-900 a get m -> info',
      true,
    ],
  ]));

describe('the census', () =>
  verdictCases(census, [
    ['is clean where nothing is wrong', '5 census', true],
    ['counts the last time alone', '5 census orphans=2; 6 census', true],
    ['finds orphans', '5 census orphans=1', false],
    ['finds missing replicas', '5 census missing=4', false],
    ['finds leavings', '5 census leaked=1', false],
    ['is unknown where there was none', '5 phase census', 'unknown'],
  ]));

describe('whether the run did enough', () =>
  verdictCases(exercised(2), [
    ['is so with enough writes and final reads', '0-1 a put k v1; 2-3 a delete k; 5 phase final reads', true],
    [
      'is unknown with too few acknowledged writes',
      '0-1 a put k v1; 2-3 a put k v2 -> info; 2-3 b put k v3 if none -> refused; 5 phase final reads',
      'unknown',
    ],
    ['is unknown without final reads', '0-1 a put k v1; 2-3 a delete k', 'unknown'],
  ]));
