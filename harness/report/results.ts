import type { Note } from '../kit/testing/case-record.ts';

/** One test, or one case of a suite, that has ended. */
export interface TestResult {
  readonly suite: string;
  /** As node:test knows it; a case's begins with its id. */
  readonly name: string;
  /** Of a case; null for a unit test. */
  readonly id: string | null;
  /** Relative to the repository. */
  readonly file: string;
  /** `not checked`: the target does not offer what the case needs. It is no pass. */
  readonly outcome: 'passed' | 'failed' | 'skipped' | 'not checked';
  readonly durationMs: number;
  /** Error and stack; null unless it failed. */
  readonly failure: string | null;
  /** Why it was skipped or not checked. */
  readonly reason: string | null;
  /** The command that repeats it. */
  readonly again: string;
  readonly logs: readonly string[];
  readonly notes: readonly Note[];
}

export interface RunReport {
  readonly startedAt: string;
  readonly durationMs: number;
  readonly seed: number;
  readonly target: string;
  readonly suites: readonly string[];
  readonly results: readonly TestResult[];
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** Skipped and not checked. */
  readonly skipped: number;
  readonly notChecked: number;
}

export function count(results: readonly TestResult[]): Counts {
  const of = (outcome: TestResult['outcome']) => results.filter((one) => one.outcome === outcome).length;
  const notChecked = of('not checked');
  return { passed: of('passed'), failed: of('failed'), skipped: of('skipped') + notChecked, notChecked };
}
