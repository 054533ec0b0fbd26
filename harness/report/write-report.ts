import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { junitXml } from './junit.ts';
import { count, type RunReport } from './results.ts';

/** In the folder of a report, beside it: one for each round. */
export function recordsFileName(round: number): string {
  return `cases-${round + 1}.jsonl`;
}

/** What an earlier run has written there is not taken for this one's, also when this one comes to no end. */
export async function forgetReport(reportDir: string): Promise<void> {
  const names = await readdir(reportDir).catch(() => []);
  const old = names.filter((name) => ['junit.xml', 'summary.json'].includes(name) || /^cases-\d+\.jsonl$/.test(name));
  await Promise.all(old.map((name) => rm(join(reportDir, name))));
}

/** Writes `junit.xml` for CI and `summary.json` for programs into `reportDir`. */
export async function writeReport(reportDir: string, report: RunReport): Promise<void> {
  await mkdir(reportDir, { recursive: true });
  const summary = { ...count(report.results), ...report };
  await writeFile(join(reportDir, 'junit.xml'), junitXml(report));
  await writeFile(join(reportDir, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
}
