import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndEvent, HistoryEvent, InvokeEvent } from './events.ts';
import { operationsOf } from './operations.ts';

const invoke = (op: number, at: number): InvokeEvent => ({
  type: 'invoke',
  at,
  op,
  process: 'client-1',
  node: 'gateway-1',
  call: { via: 's3', kind: 'delete', key: 'k' },
});
const end = (type: EndEvent['type'], op: number, at: number): EndEvent => ({
  type,
  at,
  op,
  answer: '204',
  trace: null,
  seen: { kind: 'written', version: null },
});

test('an operation is its invoke with its end', () => {
  const [first, second] = operationsOf([invoke(1, 10), invoke(2, 10), end('ok', 2, 20), end('fail', 1, 20)]);
  assert.deepEqual([first?.outcome, first?.invokedAt, first?.endedAt, first?.seen], ['fail', 10, 20, null]);
  assert.deepEqual([second?.outcome, second?.answer, second?.seen], ['ok', '204', { kind: 'written', version: null }]);
});

test('what ends and what begins in the same microsecond stay in the order of the history', () => {
  const [first, second, third] = operationsOf([
    invoke(1, 5),
    end('ok', 1, 5),
    invoke(2, 5),
    invoke(3, 5),
    end('ok', 2, 5),
    end('ok', 3, 5),
  ]);
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  assert.ok(first.to < second.from && second.to > third.from);
});

test('what nobody answered for and what never ended may take effect at any later time', () => {
  const [unanswered, open] = operationsOf([invoke(1, 5), end('info', 1, 6), invoke(2, 7)]);
  assert.deepEqual([unanswered?.outcome, unanswered?.endedAt, unanswered?.to], ['info', 6, Number.POSITIVE_INFINITY]);
  assert.deepEqual([open?.outcome, open?.endedAt, open?.to], ['open', null, Number.POSITIVE_INFINITY]);
});

const contradictions: [HistoryEvent[], RegExp][] = [
  [[invoke(1, 5), invoke(1, 6)], /operation 1 is invoked twice/],
  [[end('ok', 4, 5)], /operation 4 ends and was never invoked/],
  [[invoke(1, 5), end('info', 1, 6), end('ok', 1, 7)], /operation 1 ends twice/],
];
for (const [events, complaint] of contradictions) {
  test(`a history is refused where ${complaint.source}`, () => {
    assert.throws(() => operationsOf(events), complaint);
  });
}
