import assert from 'node:assert/strict';
import { test } from 'node:test';
import { junitXml } from './junit.ts';
import { count, type RunReport, type TestResult } from './results.ts';
import { countsLine, duration, summaryText } from './summary.ts';

const passed: TestResult = {
  suite: 'e2e',
  name: 'E1 ten megabytes',
  id: 'E1',
  file: 'harness/e2e/e1.test.ts',
  outcome: 'passed',
  durationMs: 1234,
  failure: null,
  reason: null,
  again: 'npx sextant test --suite e2e --case E1 --seed 7',
  logs: [],
  notes: [{ label: 'MB/s up', value: 312.4567 }],
};
const failed: TestResult = {
  ...passed,
  name: 'E2 a <large> file',
  id: 'E2',
  outcome: 'failed',
  failure: 'AssertionError: "a" & \u001b[31mb\u001b[39m \u0000differ\n  at somewhere',
  logs: ['/runs/1/logs/e2e/E2'],
  notes: [],
};
const notChecked: TestResult = { ...passed, id: 'E3', outcome: 'not checked', reason: 'no disks there', notes: [] };
const report: RunReport = {
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 5000,
  seed: 7,
  target: 'processes',
  suites: ['e2e'],
  results: [passed, failed, notChecked],
};
const plain = { red: same, green: same, yellow: same, dim: same, bold: same };

function same(text: string): string {
  return text;
}

test('the XML counts failures and skips, and carries figures, logs and the command', () => {
  const xml = junitXml(report);
  assert.match(xml, /<testsuite name="e2e" [^>]*tests="3" failures="1" errors="0" skipped="1"/);
  assert.match(xml, /<property name="MB\/s up" value="312.4567"\/>/);
  assert.match(xml, /again: npx sextant test --suite e2e --case E1 --seed 7/);
  assert.match(xml, /logs: \/runs\/1\/logs\/e2e\/E2/);
});

test('the XML holds nothing that XML cannot hold', () => {
  const xml = junitXml(report);
  assert.match(xml, /name="E2 a &lt;large&gt; file"/);
  assert.match(xml, /message="AssertionError: &quot;a&quot; &amp; b differ"/);
  assert.deepEqual([xml.includes('\u0000'), xml.includes('\u001b')], [false, false]);
});

test('what was not checked is counted as skipped, never as passed', () => {
  assert.deepEqual(count(report.results), { passed: 1, failed: 1, skipped: 1, notChecked: 1 });
  assert.equal(countsLine(report.results), '1 passed, 1 failed, 1 skipped');
});

test('the summary repeats each failure with its command and its logs', () => {
  const text = summaryText(report, plain);
  assert.match(text, /✗ e2e › E2 a <large> file/);
  assert.match(text, /again: npx sextant test --suite e2e --case E1 --seed 7\n {2}logs: {2}\/runs\/1\/logs\/e2e\/E2/);
  assert.match(text, /MB\/s up +312.5/);
  assert.match(text, /Not checked\n {2}e2e › E1 ten megabytes: no disks there/);
});

test('durations are told in the unit that fits', () => {
  assert.deepEqual([420, 59_940, 125_000, 3_725_000].map(duration), ['0.4 s', '59.9 s', '2 min 05 s', '1 h 2 min']);
});
