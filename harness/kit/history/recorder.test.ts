import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Call, HistoryEvent } from './events.ts';
import { type Outcome, Recorder } from './recorder.ts';

const dir = mkdtempSync(join(tmpdir(), 'sextant-history-'));
after(() => rmSync(dir, { recursive: true }));

const call: Call = { via: 's3', kind: 'get', key: 'a', range: null };
const ok: Outcome = { type: 'ok', answer: '404', trace: null, seen: { kind: 'absent' } };
const run = { seed: '7', scenario: 'test' };

function eventsIn(file: string): HistoryEvent[] {
  const text = readFileSync(file, 'utf8');
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as HistoryEvent);
}

test('a history holds what was told, in that order, at times that do not go back', () => {
  const file = join(dir, 'order.jsonl');
  {
    using recorder = new Recorder(file, run);
    const [first, second] = [1, 2].map((n) => recorder.invoke({ process: `client-${n}`, node: 'gateway-1', call }));
    recorder.end(second ?? 0, ok);
    recorder.end(first ?? 0, { ...ok, type: 'fail', seen: null });
  }
  const events = eventsIn(file);
  assert.deepEqual(
    events.map((event) => [event.type, 'op' in event ? event.op : null]),
    [
      ['run', null],
      ['invoke', 1],
      ['invoke', 2],
      ['ok', 2],
      ['fail', 1],
    ],
  );
  const times = events.map(({ at }) => at);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.ok(times.every((at) => Number.isInteger(at) && at >= 0));
});

test('a phase is in the file at once, with all that was before it', () => {
  const file = join(dir, 'phase.jsonl');
  using recorder = new Recorder(file, run);
  recorder.invoke({ process: 'client-1', node: 'gateway-1', call });
  assert.deepEqual(eventsIn(file), []);
  recorder.write({ type: 'phase', phase: 'heal' });
  assert.deepEqual(
    eventsIn(file).map(({ type }) => type),
    ['run', 'invoke', 'phase'],
  );
});

test('what is held back in memory has a bound', () => {
  const file = join(dir, 'bound.jsonl');
  using recorder = new Recorder(file, run);
  for (let n = 0; n < 1_000; n++) recorder.invoke({ process: 'client-1', node: 'gateway-1', call });
  assert.ok(eventsIn(file).length > 300);
});

test('an operation ends once, and only if it has begun', () => {
  using recorder = new Recorder(join(dir, 'ends.jsonl'), run);
  const op = recorder.invoke({ process: 'client-1', node: 'gateway-1', call });
  recorder.end(op, ok);
  assert.throws(() => recorder.end(op, ok), /operation 1 does not run/);
  assert.throws(() => recorder.end(99, ok), /operation 99 does not run/);
});

test('a closed history takes nothing more', () => {
  const recorder = new Recorder(join(dir, 'closed.jsonl'), run);
  recorder.close();
  assert.throws(() => recorder.flush(), /closed/);
});
