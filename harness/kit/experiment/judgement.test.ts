import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryEvent } from '../history/events.ts';
import { exitCodeOf, summaryOf, worstOf } from './judgement.ts';

test('each outcome has an exit code of its own', () => {
  assert.deepEqual(
    [true, false, 'unknown'].map((overall) => exitCodeOf(overall as boolean | 'unknown')),
    [0, 1, 2],
  );
});

test('of several runs a failure outweighs an error of the harness, and that one an unknown', () => {
  assert.equal(worstOf([0, 2, 3, 1]), 1);
  assert.equal(worstOf([0, 2, 3]), 3);
  assert.equal(worstOf([0, 2]), 2);
  assert.equal(worstOf([0, 0]), 0);
});

test('operations are counted by their ends, and phases last until the next one', () => {
  const call = { via: 's3', kind: 'head', key: 'a' } as const;
  const invoke = (at: number, op: number) =>
    ({ type: 'invoke', at, op, process: 'client-1', node: 'gateway-1', call }) as const;
  const end = (type: 'ok' | 'info', at: number, op: number) =>
    ({ type, at, op, answer: '', trace: null, seen: null }) as const;
  const history: HistoryEvent[] = [
    { type: 'run', at: 0, format: 1, seed: '1', scenario: 'calm', startedAt: '' },
    { type: 'phase', at: 1_000_000, phase: 'load' },
    invoke(1_100_000, 1),
    { type: 'fault', at: 1_150_000, fault: 'f1', state: 'starting', what: '' },
    { type: 'fault', at: 1_200_000, fault: 'f1', state: 'started', what: '' },
    invoke(1_300_000, 2),
    invoke(1_400_000, 3),
    end('ok', 1_500_000, 1),
    end('info', 1_600_000, 2),
    { type: 'phase', at: 3_000_000, phase: 'heal' },
    { type: 'recovered', at: 3_500_000 },
  ];
  assert.deepEqual(summaryOf(history), {
    counts: { operations: 3, ok: 1, fail: 0, info: 1, open: 1, faults: 1 },
    phasesMs: { load: 2_000, heal: 500 },
  });
});
