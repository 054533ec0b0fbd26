import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryEvent } from '../history/events.ts';
import { checkAll } from './check-all.ts';
import { historyOf } from './history.fixture.ts';
import type { Checker, Verdict } from './verdict.ts';

const limits = { operationMs: 1_000, recoveryMs: 1_000 };
const load = Array.from({ length: 10 }, (_, i) => `${2 * i}-${2 * i + 1} a put k${i} v${i}`);
const finalReads = Array.from({ length: 10 }, (_, i) => `${60 + i}-${61 + i} r${i} get k${i} -> v${i}`);
const sound = [
  '0 phase load',
  ...load,
  '50 phase heal',
  '51 phase recover',
  '52 recovered',
  '55 phase final reads',
  ...finalReads,
  '90 census',
  '91 phase clear',
  '95 cleared',
];
const holdsOf = (lines: readonly string[]) => {
  const { verdicts, overall } = checkAll(historyOf(lines.join('\n')), limits);
  return {
    overall,
    others: verdicts.filter(({ holds }) => holds !== true).map(({ checker, holds }) => `${checker}: ${holds}`),
  };
};

test('a sound run keeps every promise', () => {
  assert.deepEqual(holdsOf(sound), { overall: true, others: [] });
  const { verdicts } = checkAll(historyOf(sound.join('\n')), limits);
  assert.equal(new Set(verdicts.map(({ checker }) => checker)).size, 14);
});

test('a run that did nothing is unknown', () => {
  const idle = sound.filter((line) => !line.includes(' put ') && !line.includes(' get '));
  assert.equal(holdsOf(idle).overall, 'unknown');
  assert.equal(checkAll([], limits).overall, 'unknown');
});

test('a run that broke off is unknown, whichever of its phases is missing', () => {
  assert.deepEqual(holdsOf(sound.slice(0, sound.indexOf('50 phase heal'))).overall, 'unknown');
  assert.deepEqual(holdsOf(sound.filter((line) => line !== '90 census')), {
    overall: 'unknown',
    others: ['census: unknown'],
  });
  assert.deepEqual(holdsOf(sound.slice(0, -1)), { overall: 'unknown', others: ['space-returned: unknown'] });
  const { overall, others } = holdsOf(sound.filter((line) => line !== '55 phase final reads'));
  assert.deepEqual([overall, others], ['unknown', ['exercised: unknown', 'acknowledged-readable: unknown']]);
});

test('one broken promise makes it false, whatever is unknown beside it', () => {
  const { overall, others } = holdsOf(sound.slice(0, sound.indexOf('90 census')).with(-1, '69-70 r9 get k9 -> absent'));
  assert.equal(overall, false);
  assert.deepEqual(others, [
    'acknowledged-readable: false',
    'linearizable: false',
    'census: unknown',
    'space-returned: unknown',
  ]);
});

test('a checker that crashes is unknown, tells why, and hides no other', () => {
  const crashing: Checker = () => {
    throw new TypeError('a bug');
  };
  const saying =
    (holds: Verdict['holds']): Checker =>
    () => ({ checker: 'other', holds, because: '', operations: [] });
  const { verdicts, overall } = checkAll([], limits, [crashing, saying(true)]);
  assert.deepEqual(
    [overall, verdicts[0]?.holds, verdicts[0]?.because],
    ['unknown', 'unknown', 'the checker failed: a bug'],
  );
  assert.equal(checkAll([], limits, [crashing, saying(false)]).overall, false);
  assert.equal(checkAll([], limits, []).overall, 'unknown', 'nothing was asked');
});

test('a history that contradicts itself is unknown', () => {
  const [run, ...events] = historyOf(sound.join('\n'));
  const twice = [run as HistoryEvent, ...events, events.findLast(({ type }) => type === 'ok') as HistoryEvent];
  const { verdicts, overall } = checkAll(twice, limits);
  assert.equal(overall, 'unknown');
  assert.match(JSON.stringify(verdicts), /operation \d+ ends twice/);
});
