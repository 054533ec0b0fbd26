import type { RunReport, TestResult } from './results.ts';

/** JUnit XML as CI systems read it: one testsuite for each suite, figures as properties. */
export function junitXml(report: RunReport): string {
  const suites = report.suites
    .map((name) => ({ name, results: report.results.filter(({ suite }) => suite === name) }))
    .filter(({ results }) => results.length > 0)
    .map(({ name, results }) => suiteXml(name, results, report));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${totals(report.results)}>\n${suites.join('')}</testsuites>\n`;
}

function suiteXml(name: string, results: readonly TestResult[], report: RunReport): string {
  const properties = `    <properties>\n      <property name="seed" value="${report.seed}"/>\n      <property name="target" value="${escaped(report.target)}"/>\n    </properties>\n`;
  return `  <testsuite name="${escaped(name)}" timestamp="${escaped(report.startedAt)}" ${totals(results)}>\n${properties}${results.map(caseXml).join('')}  </testsuite>\n`;
}

function caseXml(result: TestResult): string {
  const head = `    <testcase classname="${escaped(`${result.suite}.${result.file}`)}" name="${escaped(result.name)}" file="${escaped(result.file)}" time="${seconds(result.durationMs)}"`;
  const children = [notesXml(result), outcomeXml(result)].join('');
  return children === '' ? `${head}/>\n` : `${head}>\n${children}    </testcase>\n`;
}

function notesXml({ notes }: TestResult): string {
  if (notes.length === 0) return '';
  const lines = notes.map(
    ({ label, value }) => `        <property name="${escaped(label)}" value="${escaped(String(value))}"/>\n`,
  );
  return `      <properties>\n${lines.join('')}      </properties>\n`;
}

function outcomeXml({ outcome, failure, reason, again, logs }: TestResult): string {
  if (outcome === 'failed') {
    const text = [failure ?? '', '', `again: ${again}`, ...logs.map((log) => `logs: ${log}`)].join('\n');
    const [firstLine = ''] = (failure ?? '').split('\n');
    return `      <failure message="${escaped(firstLine)}">${escaped(text)}</failure>\n`;
  }
  return outcome === 'passed' ? '' : `      <skipped message="${escaped(reason ?? '')}"/>\n`;
}

function totals(results: readonly TestResult[]): string {
  const failures = results.filter(({ outcome }) => outcome === 'failed').length;
  const skipped = results.filter(({ outcome }) => outcome === 'skipped' || outcome === 'not checked').length;
  const time = seconds(results.reduce((sum, { durationMs }) => sum + durationMs, 0));
  return `tests="${results.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${time}"`;
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3);
}

const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;' };
// Characters that XML 1.0 cannot hold at all, colours of a terminal among them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
const unfit = /\u001b\[[0-9;]*m|[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function escaped(text: string): string {
  return text.replace(unfit, '').replace(/[&<>"\n]/g, (character) => named[character] ?? character);
}
