import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historyOf } from '../../kit/checkers/history.fixture.ts';
import { timelineOf } from './timeline.ts';

const nothing = { overall: true, verdicts: [] } as const;

test('phases, faults, operations and exits stand at their times, and what has no end lasts to the end of the run', () => {
  const history = historyOf(`
    100 phase load
    101-103 a put k v1
    102-    b@gateway-2 list p/
    104-106 a get k -> info
    105 fault f1 starting
    106 fault f1 started
    107 exit gateway-2 signal=SIGABRT
    108 fault f2 starting
    109 fault f2 failed
    110 phase heal
    111 fault f1 stopping
    112 fault f1 stopped
    113 fault f3 starting
    114 fault f3 started
    115 fault f3 stopping
    116 fault f3 failed
    120 recovered
  `);
  const log = { marks: [{ at: 1, node: 'node-1', level: 'warn', text: 'said', trace: null }], spans: [] } as const;
  const { from, to, phases, faults, operations, marks, spans, ...head } = timelineOf(history, nothing, [log]);
  const startedAt = '2026-01-01T00:00:00Z';
  assert.deepEqual(head, { scenario: 'by hand', seed: '1', startedAt, overall: true, verdicts: [] });
  assert.deepEqual([from, to], [100_000, 120_000], 'the start of the store is left out');
  assert.deepEqual(phases, [
    { name: 'load', from: 100_000, to: 110_000 },
    { name: 'heal', from: 110_000, to: 120_000 },
  ]);
  const what = 'something is wrong';
  assert.deepEqual(faults, [
    { name: what, from: 105_000, began: 106_000, over: 111_000, to: 112_000 },
    { name: what, from: 108_000, began: 109_000, over: 109_000, to: 109_000 },
    { name: what, from: 113_000, began: 114_000, over: 115_000, to: 120_000 },
  ]);
  assert.deepEqual(
    operations.map(({ op, client, node, key, kind, outcome, from, to }) => {
      return [op, client, node, key, kind, outcome, from / 1000, to / 1000];
    }),
    [
      [2, 'a', 'gateway-1', 'k', 'write', 'ok', 101, 103],
      [3, 'b', 'gateway-2', 'p/*', 'list', 'open', 102, 120],
      [4, 'a', 'gateway-1', 'k', 'read', 'info', 104, 106],
    ],
  );
  assert.deepEqual(marks, [
    { at: 107_000, node: 'gateway-2', level: 'error', text: 'ended by itself: SIGABRT', trace: null },
    ...log.marks,
  ]);
  assert.deepEqual(spans, []);
});

test('of a run that never came to its load, all is drawn', () => {
  const { from, to, operations } = timelineOf(historyOf('5 exit postgres code=1'), nothing, []);
  assert.deepEqual([from, to, operations], [0, 5_000, []]);
});
