import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, EndEvent, FaultEvent, HistoryEvent, InvokeEvent } from '../../kit/history/events.ts';
import { evidenceLines } from './evidence.ts';

const put: Call = { via: 's3', kind: 'put', key: 'k', value: 'v18', bytes: 20_000, parts: 1, condition: null };
const get: Call = { via: 's3', kind: 'get', key: 'k', range: null };
const invoke = (op: number, at: number, call: Call): InvokeEvent => {
  return { type: 'invoke', at, op, process: `client-${op}`, node: 'gateway-1', call };
};
const end = (op: number, at: number, seen: EndEvent['seen']): EndEvent => {
  return { type: 'ok', at, op, answer: '200', trace: null, seen };
};
const fault = (id: string, at: number, state: FaultEvent['state'], what: string): FaultEvent => {
  return { type: 'fault', at, fault: id, state, what };
};

const history: HistoryEvent[] = [
  { type: 'run', at: 0, format: 1, seed: '1', scenario: 'by hand', startedAt: '' },
  fault('f1', 1_000_000, 'starting', 'node-1 is killed'),
  fault('f1', 2_000_000, 'stopped', 'node-1 is killed'),
  fault('f2', 11_800_000, 'starting', 'damage to a chunk file'),
  fault('f2', 11_900_000, 'started', 'flipped bit 3 of c7'),
  invoke(1, 12_041_000, put),
  end(1, 12_050_000, { kind: 'written', version: null }),
  invoke(2, 12_310_000, get),
  end(2, 12_320_000, { kind: 'content', value: 'v17', version: null, wrong: null }),
  fault('f2', 14_200_000, 'stopped', 'flipped bit 3 of c7'),
  invoke(3, 15_000_000, get),
];

test('operations are shown as a table, with the faults at the time and just before', () => {
  assert.deepEqual(evidenceLines(history, [2, 1]), [
    '12.041 s  - 12.050 s  #1  client-1  gateway-1  put k = v18, 20000 bytes  -> written (200)',
    '12.310 s  - 12.320 s  #2  client-2  gateway-1  get k                     -> v17 (200)',
    'fault before:      node-1 is killed (1.000 s - 2.000 s)',
    'fault at the time: flipped bit 3 of c7 (11.800 s - 14.200 s)',
  ]);
});

test('a fault that could not be ended, or that the run did not live to end, is one at the time of all that came later', () => {
  const standing: HistoryEvent[] = [
    ...history.slice(0, -1),
    fault('f3', 14_300_000, 'starting', 'node-2 is killed'),
    fault('f3', 14_400_000, 'stopping', 'node-2 is killed'),
    fault('f3', 14_500_000, 'failed', 'node-2 is killed: it did not start'),
    fault('f4', 14_600_000, 'starting', 'node-3 is paused'),
    fault('f5', 14_700_000, 'starting', 'no chunk is hit'),
    fault('f5', 14_800_000, 'failed', 'no chunk is hit: there is none'),
    invoke(3, 15_000_000, get),
  ];
  assert.deepEqual(evidenceLines(standing, [3]).slice(1), [
    'fault before:      node-1 is killed (1.000 s - 2.000 s)',
    'fault before:      flipped bit 3 of c7 (11.800 s - 14.200 s)',
    'fault before:      no chunk is hit: there is none (14.700 s - 14.800 s)',
    'fault at the time: node-2 is killed: it did not start (14.300 s - the end)',
    'fault at the time: node-3 is paused (14.600 s - the end)',
  ]);
});

test('an operation without an end is shown as such', () => {
  assert.equal(evidenceLines(history, [3])[0], '15.000 s    #3  client-3  gateway-1  get k  -> no end');
});

test('no operations are no table', () => {
  assert.deepEqual(evidenceLines(history, []), []);
});
