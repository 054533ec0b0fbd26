import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryEvent } from './events.ts';
import { MalformedHistory, readHistory } from './read-history.ts';

const run = {
  type: 'run',
  at: 0,
  format: 1,
  seed: '7',
  scenario: 'calm',
  startedAt: '2026-01-01T00:00:00.000Z',
} as const;
const put = {
  via: 's3',
  kind: 'put',
  key: 'k',
  value: 'v1',
  bytes: 9,
  parts: 1,
  condition: { ifMatch: 'v0' },
} as const;
const invoke = { type: 'invoke', at: 1, op: 1, process: 'client-1', node: 'gateway-1', call: put } as const;
const ok = { type: 'ok', at: 2, op: 1, answer: '200', trace: null, seen: { kind: 'written', version: null } } as const;
const textOf = (events: readonly object[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');

test('a history comes back as it was written', () => {
  const keys = { kind: 'keys', keys: [{ key: 'k', value: null }] } as const;
  const content = { kind: 'content', value: 'v1', version: '3', wrong: 'byte 7' } as const;
  const events: HistoryEvent[] = [
    run,
    { type: 'phase', at: 0, phase: 'final reads' },
    invoke,
    ok,
    {
      type: 'invoke',
      at: 3,
      op: 2,
      process: 'c',
      node: 'g',
      call: { via: 'files', kind: 'get', key: 'k', range: { first: 0, last: 4 } },
    },
    { ...ok, op: 2, at: 4, seen: content },
    { type: 'invoke', at: 5, op: 3, process: 'c', node: 'g', call: { via: 's3', kind: 'list', prefix: '' } },
    { ...ok, op: 3, at: 6, seen: keys },
    { ...ok, type: 'info', op: 4, at: 6, seen: null },
    { type: 'fault', at: 7, fault: 'f1', state: 'starting', what: 'node-2 is killed' },
    { type: 'recovered', at: 8 },
    { type: 'census', at: 9, orphans: ['a'], missing: [], leaked: [] },
  ];
  assert.deepEqual(readHistory(textOf(events)), { events, torn: null });
  assert.deepEqual(readHistory(textOf(events).trimEnd()), { events, torn: null }, 'the last line needs no end');
});

test('fields that are not known are kept', () => {
  const later = { ...ok, seen: { ...ok.seen, wrong: 'another ETag' }, note: 'added later' };
  assert.deepEqual(readHistory(textOf([run, invoke, later])).events[2], later);
});

test('a last line that a crash tore is dropped, wherever it was torn, and told', () => {
  const whole = textOf([run, invoke]);
  const line = JSON.stringify(ok);
  for (let length = 1; length < line.length; length++) {
    const torn = line.slice(0, length);
    assert.deepEqual(readHistory(whole + torn), { events: [run, invoke], torn: torn.slice(0, 80) });
  }
});

test('an empty file has no events', () => {
  assert.deepEqual(readHistory(''), { events: [], torn: null });
});

const malformed: Record<string, [text: string, complaint: RegExp]> = {
  'a line in the middle that is no JSON': [
    `${textOf([run])}{"type":\n${textOf([ok])}`,
    /^line 2 of the history: it is no JSON: \{"type":$/,
  ],
  'a last line that ends and is no JSON': [`${textOf([run])}{"type":\n`, /^line 2 .* no JSON/],
  'an empty line': [`${textOf([run])}\n${textOf([ok])}`, /^line 2 .* no JSON/],
  'an event of no known type': [textOf([run, { type: 'later', at: 1 }]), /^line 2 .*type/],
  'an event without a field': [textOf([run, { ...invoke, process: undefined }]), /^line 2 .*process/],
  'a call of a wrong kind': [textOf([run, { ...invoke, call: { ...put, kind: 'patch' } }]), /^line 2 .*kind/],
  'JSON that is no event': [`${textOf([run])}null\n`, /^line 2 /],
  'a time with a fraction': [textOf([run, { ...ok, at: 1.5 }]), /^line 2 .*at/],
  'a time that goes back': [textOf([run, { ...invoke, at: 5 }, ok]), /^line 3 .* its time, 2, is before 5 above it$/],
  'a first line that is no run': [textOf([invoke]), /^line 1 .* begins with type "run", and not "invoke"$/],
  'a format that is not known': [textOf([{ ...run, format: 2 }]), /^line 1 .*format/],
  'a line beyond all bounds': [
    `${textOf([run])}"${'x'.repeat(5_000_000)}"\n`,
    /^line 2 .* 5000002 characters long, at most 4194304/,
  ],
};
for (const [title, [text, complaint]] of Object.entries(malformed)) {
  test(`${title} is refused by its number`, () => {
    assert.throws(
      () => readHistory(text),
      (error) => error instanceof MalformedHistory && complaint.test(error.message),
    );
  });
}

test('100,000 lines are read in about a second', (t) => {
  const pairs = Array.from({ length: 50_000 }, (_, op) => [
    { ...invoke, op },
    { ...ok, at: 1, op },
  ]);
  const text = textOf([run, ...pairs.flat()]);
  const startedMs = performance.now();
  const { events } = readHistory(text);
  const tookMs = performance.now() - startedMs;
  t.diagnostic(`${tookMs.toFixed(0)} ms`);
  assert.equal(events.length, 100_001);
  assert.ok(tookMs < 10_000, 'with room for a busy machine');
});
