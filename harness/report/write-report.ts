import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { junitXml } from './junit.ts';
import { count, type RunReport } from './results.ts';

/** Writes `junit.xml` for CI and `summary.json` for programs into `reportDir`. */
export async function writeReport(reportDir: string, report: RunReport): Promise<void> {
  await mkdir(reportDir, { recursive: true });
  const summary = { ...count(report.results), ...report };
  await writeFile(join(reportDir, 'junit.xml'), junitXml(report));
  await writeFile(join(reportDir, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
}
