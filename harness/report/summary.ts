import { count, type RunReport, type TestResult } from './results.ts';

/** How text is coloured; plain where nobody sees colours. */
export interface Paint {
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

const slowestShown = 5;
const slowEnoughToShowMs = 1_000;

/** What a person reads at the end: figures, slowest, what was not checked, and every failure in full. */
export function summaryText(report: RunReport, paint: Paint): string {
  const sections = [
    figures(report.results, paint),
    slowest(report.results, paint),
    notChecked(report.results, paint),
    failures(report.results, paint),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

/** `N passed, N failed, N skipped` */
export function countsLine(results: readonly TestResult[]): string {
  const { passed, failed, skipped } = count(results);
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** A failure with everything that is needed to see it again. */
export function failureText(result: TestResult, paint: Paint): string {
  const logs = result.logs.map((log) => `  logs:  ${log}`);
  const text = (result.failure ?? 'it told no reason').replace(/^/gm, '  ');
  return [paint.red(`✗ ${result.suite} › ${result.name}`), text, paint.bold(`  again: ${result.again}`), ...logs].join(
    '\n',
  );
}

function figures(results: readonly TestResult[], paint: Paint): string {
  const lines = results.flatMap(({ id, suite, notes }) =>
    notes.map(({ label, value }) => `  ${`${suite} ${id ?? ''}`.padEnd(16)} ${label.padEnd(36)} ${shown(value)}`),
  );
  return lines.length === 0 ? '' : `${paint.bold('Figures')}\n${lines.join('\n')}\n`;
}

function shown(value: number | string): string {
  if (typeof value === 'string') return value;
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 10 ? 3 : 1 });
}

function slowest(results: readonly TestResult[], paint: Paint): string {
  const lines = results
    .filter(({ durationMs }) => durationMs >= slowEnoughToShowMs)
    .toSorted((a, b) => b.durationMs - a.durationMs)
    .slice(0, slowestShown)
    .map(({ suite, name, durationMs }) => `  ${duration(durationMs).padStart(9)}  ${suite} › ${name}`);
  return lines.length === 0 ? '' : `${paint.bold('Slowest')}\n${lines.join('\n')}\n`;
}

function notChecked(results: readonly TestResult[], paint: Paint): string {
  const lines = results
    .filter(({ outcome }) => outcome === 'not checked')
    .map(({ suite, name, reason }) => `  ${suite} › ${name}: ${reason ?? ''}`);
  return lines.length === 0 ? '' : `${paint.yellow('Not checked')}\n${lines.join('\n')}\n`;
}

function failures(results: readonly TestResult[], paint: Paint): string {
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  return failed.map((result) => `${failureText(result, paint)}\n`).join('\n');
}

/** `0.4 s`, `2 min 05 s` */
export function duration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const rest = `${String(seconds % 60).padStart(2, '0')} s`;
  return minutes < 60 ? `${minutes} min ${rest}` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
