import { type CaseRecord, readRecords } from '../../kit/testing/case-record.ts';
import type { TestResult } from '../../report/results.ts';
import type { FoundCase } from './discover.ts';
import { type PlannedSuite, shortPath } from './plan.ts';
import { type FileEvent, wholeFile } from './run-files.ts';

export type Ended = Extract<FileEvent, { type: 'test ended' }>;

/** The case that a test's name begins with. */
export function caseOf(suite: PlannedSuite, name: string): FoundCase | undefined {
  return suite.cases.find(({ id, title }) => name === `${id} ${title}`);
}

/** Puts what node:test told and what the case itself recorded together. `flags` are those that repeat it. */
export function resultOf(suite: PlannedSuite, event: Ended, recordsFile: string, flags: string): TestResult {
  const file = shortPath(event.file);
  const found = caseOf(suite, event.name);
  const record = found && readRecords(recordsFile).findLast(({ id }) => id === found.id);
  return {
    suite: suite.name,
    name: event.name === wholeFile ? file : event.name,
    id: found?.id ?? null,
    file,
    // A failure stays one, whatever the case had recorded before it.
    outcome: event.outcome === 'skipped' && record?.outcome === 'not checked' ? 'not checked' : event.outcome,
    durationMs: event.durationMs,
    failure: event.failure,
    reason: event.reason,
    again: againOf(suite, found, record, file, flags),
    logs: record?.logs ?? [],
    notes: record?.notes ?? [],
  };
}

/**
 * What a file that has ended owes: a result for each case that was to run in it, or for one unit test at least. A process
 * that ends itself with 0, or a case that is declared only sometimes, would pass unseen otherwise.
 */
export function owedResults(suite: PlannedSuite, file: string, results: readonly TestResult[]): Ended[] {
  const failed = (name: string, failure: string): Ended => {
    return { type: 'test ended', file, name, outcome: 'failed', durationMs: 0, failure, reason: null };
  };
  if (suite.isUnit) return results.length > 0 ? [] : [failed(wholeFile, 'no test ran in this file')];
  const why = 'it told no result: the process of its file ended first, or the file did not declare it in this run';
  return suite.cases
    .filter((one) => one.file === file && !results.some(({ id }) => id === one.id))
    .map(({ id, title }) => failed(`${id} ${title}`, why));
}

function againOf(
  suite: PlannedSuite,
  found: FoundCase | undefined,
  record: CaseRecord | undefined,
  file: string,
  flags: string,
): string {
  if (record !== undefined) return record.again;
  if (found !== undefined) return `npx sextant test --suite ${suite.name} --case ${found.id}${flags}`;
  return `npx sextant test --file ${file}${flags}`;
}
