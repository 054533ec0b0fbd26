import { describe } from 'node:test';
import { available } from './available.ts';
import { boundedUnavailability } from './bounded-unavailability.ts';
import { census } from './census.ts';
import { exercised } from './exercised.ts';
import { recovers } from './recovers.ts';
import { staysUp } from './stays-up.ts';
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

const broken = '10 fault f1 starting; 11 fault f1 started; 20 fault f1 stopping; 21 fault f1 stopped';

describe('availability', () =>
  verdictCases(available(1_000), [
    ['holds where all succeeds', '0-1 a put k v1; 2-3 a get k -> v1; 4-5 a get l -> absent', true],
    ['is broken where one is refused for no reason', '0-1 a put k v1; 2-3 a put k v2 -> fail', false, [2]],
    ['is broken where nobody knows what became of one', '0-1 a put k v1; 2-3 a put k v2 -> info', false, [2]],
    ['does not count what a fault met', `${broken}; 0-1 a get k -> absent; 5-10 a put k v1 -> fail`, true],
    ['gives time after it', `${broken}; 0-1 a get k -> absent; 1021-1022 a put k v1 -> fail`, true],
    ['gives no more than is allowed', `${broken}; 0-1 a get k -> absent; 1022-1023 a put k v1 -> fail`, false, [6]],
    ['gives none once the store has recovered', `${broken}; 30 recovered; 31-32 a get k -> fail`, false, [6]],
    [
      'waits for what could not be ended',
      '0-1 a get k -> absent; 2 fault f1 starting; 3 fault f1 stopping; 4 fault f1 failed; 5000-5001 a get k -> fail',
      true,
    ],
    [
      'does not wait for what never began',
      '2 fault f1 starting; 4 fault f1 failed; 5000-5001 a get k -> fail',
      false,
      [3],
    ],
    [
      'does not count what a crash met, before or after it was noticed',
      '0-1 a get k -> fail; 2 exit gateway-1 code=1; 3-4 a get k -> fail; 5 recovered; 6-7 a get k -> absent',
      true,
    ],
    ['is unknown where something was wrong all the time', '0 fault f1 starting; 3-4 a put k v1', 'unknown'],
  ]));

describe('recovery', () =>
  verdictCases(recovers(1_000), [
    ['a store that serves again in time has recovered', '5 phase recover; 1005 recovered', true],
    ['one that serves again too late has not', '5 phase recover; 1006 recovered', false],
    ['one that does not serve again has not', '5 phase recover; 1006 not recovered', false],
    ['where the run ended in that phase nobody knows', '5 phase recover; 600-601 a get k -> absent', 'unknown'],
    ['without that phase nobody knows', '5 phase load; 6 recovered', 'unknown'],
  ]));

describe('whether every process stays up', () =>
  verdictCases(staysUp, [
    ['is so where none ended', '0-1 a put k v1; 5 phase recover', true],
    ['is not where one of the store ended with a code', '5 exit gateway-1 code=1', false],
    ['is not where one crashed', '5 exit node-2 signal=SIGSEGV', false],
    ['is unknown where somebody killed one', '5 exit node-2 signal=SIGKILL', 'unknown'],
    ['is unknown where the database ended, which is not the store', '5 exit postgres code=1', 'unknown'],
    ['is not where one was killed and another crashed', '5 exit node-2 signal=SIGKILL; 6 exit node-3 code=1', false],
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
