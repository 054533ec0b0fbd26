import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historyOf } from './history.fixture.ts';
import type { Checker, Verdict } from './verdict.ts';

/** What is claimed of the history; the history; the verdict; the operations that must be shown with it. */
export type VerdictCase = readonly [title: string, history: string, holds: Verdict['holds'], shown?: readonly number[]];

/** Lines of a history are parted by line feeds or semicolons. */
export function verdictCases(checker: Checker, cases: readonly VerdictCase[]): void {
  for (const [title, history, holds, shown = []] of cases) {
    test(title, () => {
      const verdict = checker(historyOf(history.replaceAll(';', '\n')));
      assert.deepEqual([verdict.holds, verdict.operations], [holds, shown], verdict.because);
    });
  }
}
