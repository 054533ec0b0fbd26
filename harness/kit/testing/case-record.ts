import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A figure that a case measured, for the report. */
export interface Note {
  /** With its unit, such as `MB/s up`. */
  readonly label: string;
  readonly value: number | string;
}

/** What a case tells the runner beside what node:test tells. */
export interface CaseRecord {
  readonly id: string;
  readonly suite: string;
  readonly file: string;
  readonly outcome: 'passed' | 'failed' | 'not checked';
  readonly durationMs: number;
  /** The run's, by which the case is repeated. */
  readonly seed: number;
  /** The command that repeats it. */
  readonly again: string;
  /** Folders and files; empty when it passed. */
  readonly logs: readonly string[];
  readonly notes: readonly Note[];
}

/** One line in one write, so that lines of several processes do not mix. */
export function appendRecord(recordsFile: string, record: CaseRecord): void {
  mkdirSync(dirname(recordsFile), { recursive: true });
  appendFileSync(recordsFile, `${JSON.stringify(record)}\n`);
}

/** The records so far; a last line that a killed process left unfinished is passed over. */
export function readRecords(recordsFile: string): CaseRecord[] {
  return readText(recordsFile)
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as CaseRecord];
      } catch {
        return [];
      }
    });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
