import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readServiceLog } from './service-log.ts';

const clock = { startedAt: '2026-01-01T00:00:10.000Z', at: 500, end: 60_000_000 };

function read(...lines: (object | string)[]) {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  return readServiceLog('gateway-1', text, clock);
}

function line(seconds: number, level: number, more: object) {
  return {
    level,
    time: new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1000).toISOString(),
    msg: 'said',
    ...more,
  };
}

test('a request is a span that ends where its line stands', () => {
  const { spans, marks } = read(
    line(12, 20, { msg: 'S3 request', operation: 'PutObject', status: 200, ms: 250.5, request_id: 'A1' }),
    line(13, 20, { msg: 'request', method: 'GET', url: '/files', status: 503, ms: 1, request_id: 'B2' }),
  );
  assert.deepEqual(spans, [
    { node: 'gateway-1', text: 'PutObject (200)', from: 1_750_000, to: 2_000_500, trace: 'A1' },
    { node: 'gateway-1', text: 'GET /files (503)', from: 2_999_500, to: 3_000_500, trace: 'B2' },
  ]);
  assert.deepEqual(marks, []);
});

test('what went wrong is a mark, and so is a start; other lines are not', () => {
  const { marks } = read(
    line(10, 30, { msg: 'ready' }),
    line(11, 30, { msg: 'cleaned up' }),
    line(11, 20, { msg: 'request refused', request_id: 'A1' }),
    'LOG:  database system is shut down',
    '{"level":50,"time":"2026-01-01T00:00:11.000Z","msg":"torn',
    '{"level":50,"time":"some day","msg":"no time"}',
    line(12, 40, { msg: 'a replica failed a read', err: { message: 'EIO' } }),
    line(13, 50, { msg: 'request failed', request_id: 'C3' }),
  );
  assert.deepEqual(marks, [
    { at: 500, node: 'gateway-1', level: 'info', text: 'ready', trace: null },
    { at: 2_000_500, node: 'gateway-1', level: 'warn', text: 'a replica failed a read: EIO', trace: null },
    { at: 3_000_500, node: 'gateway-1', level: 'error', text: 'request failed', trace: 'C3' },
  ]);
});

test('a clock that is outside of the run is not believed', () => {
  const request = { operation: 'PutObject', status: 200, ms: 1, request_id: 'A1' };
  const lines = [line(20, 40, {}), line(9_000, 40, {}), line(9_000, 20, request), line(3, 40, {}), line(21, 40, {})];
  const { marks, spans } = read(...lines);
  assert.deepEqual(spans, []);
  assert.deepEqual(
    marks.map(({ at }) => at),
    [10_000_500, 10_000_500, 10_000_500, 11_000_500],
  );
});

test('of a log that says more than can be drawn the first is, and the rest is counted', () => {
  const { marks } = read(...Array.from({ length: 20_007 }, () => line(20, 40, { msg: 'x'.repeat(400) })));
  assert.equal(marks.length, 20_001);
  assert.equal(marks[0]?.text.length, 301);
  assert.equal(marks.at(-1)?.text, '7 more lines are only in its log');
});
