import { join } from 'node:path';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { type RunSettings, repeatingFlags, toEnvironment } from '../../kit/testing/run-settings.ts';
import type { TestResult } from '../../report/results.ts';
import { recordsFileName } from '../../report/write-report.ts';
import type { Display } from './display.ts';
import { jobKey, type Plan, type PlannedSuite, shortPath } from './plan.ts';
import type { Progress } from './progress.ts';
import { caseOf, type Ended, owedResults, resultOf } from './results-of-suite.ts';
import { defaultWorkers, type FileEvent, runFiles, wholeFile } from './run-files.ts';

export interface RunOptions {
  readonly seed: number;
  readonly rounds: number;
  /** Files of cases at a time. Unit tests always use all cores. */
  readonly workers: number;
  readonly reportDir: string;
  readonly settings: Omit<RunSettings, 'cases' | 'seed' | 'recordsFile'>;
  /** Beside what the settings say. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface RunOutcome {
  readonly results: readonly TestResult[];
  /** By job. */
  readonly durations: Readonly<Record<string, number>>;
}

/** The end of what each file prints. */
const outputCharsKept = 4_000;
const unitTestTimeoutMs = 60_000;
const unitFileTimeoutMs = 300_000;
/** Beyond the limits of its cases, for starting and stopping what a file uses. */
const fileOverheadMs = 120_000;

/** Runs suite after suite, `rounds` times, each round with a seed of its own. */
export async function runPlan(
  plan: Plan,
  options: RunOptions,
  progress: Progress,
  display: Display,
): Promise<RunOutcome> {
  const results: TestResult[] = [];
  const durations: Record<string, number> = {};
  for (let round = 0; round < options.rounds; round++) {
    for (const suite of plan.suites) {
      progress.workers = suite.isUnit ? defaultWorkers : options.workers;
      await runSuite({ suite, round, options, progress, display, results, durations });
    }
  }
  return { results, durations };
}

interface SuiteRun {
  readonly suite: PlannedSuite;
  readonly round: number;
  readonly options: RunOptions;
  readonly progress: Progress;
  readonly display: Display;
  readonly results: TestResult[];
  readonly durations: Record<string, number>;
}

async function runSuite(run: SuiteRun): Promise<void> {
  const { suite, round, options } = run;
  const seed = options.seed + round;
  const recordsFile = join(options.reportDir, recordsFileName(round));
  const settings = { ...options.settings, cases: suite.cases.map(({ id }) => id), seed, recordsFile };
  const flags = repeatingFlags(settings);
  const events = runFiles({
    files: suite.files,
    workers: suite.isUnit ? defaultWorkers : options.workers,
    environment: { ...toEnvironment(settings), ...options.environment },
    fileTimeoutMs: suite.isUnit ? unitFileTimeoutMs : fileTimeoutMs(suite),
    testTimeoutMs: unitTestTimeoutMs,
    cwd: repositoryRoot,
  });
  const ofFile = new Map<string, TestResult[]>();
  const outputs = new Map<string, string>();
  const take = (event: Ended, isOfProcess: boolean) => {
    const file = shortPath(event.file);
    const result = resultOf(suite, event, recordsFile, flags);
    const told = isOfProcess ? withOutput(result, outputs.get(file) ?? '') : result;
    ofFile.set(file, [...(ofFile.get(file) ?? []), told]);
    keep(run, told);
  };
  for await (const event of events) {
    const file = shortPath(event.file);
    if (event.type === 'output') outputs.set(file, `${outputs.get(file) ?? ''}${event.text}`.slice(-outputCharsKept));
    if (event.type === 'file ended') {
      for (const owed of owedResults(suite, event.file, ofFile.get(file) ?? [])) take(owed, true);
    }
    if (event.type === 'test ended') take(event, event.name === wholeFile);
    else follow(run, event, file, ofFile.get(file) ?? []);
  }
}

/** What a file printed tells why its process failed; a failed test has an error of its own. */
function withOutput(result: TestResult, output: string): TestResult {
  if (output.trim() === '') return result;
  return { ...result, failure: `${result.failure}\nIt printed:\n${output.trimEnd()}` };
}

function keep({ suite, round, progress, display, results, durations }: SuiteRun, result: TestResult): void {
  results.push(result);
  progress.count(result);
  if (result.id !== null) {
    progress.ended(round, jobKey(suite.name, result.id));
    if (result.outcome === 'passed') durations[jobKey(suite.name, result.id)] = result.durationMs;
  }
  display.ended(result);
}

function follow(
  { suite, round, progress, display, durations }: SuiteRun,
  event: Exclude<FileEvent, { type: 'test ended' }>,
  file: string,
  results: readonly TestResult[],
): void {
  const key = jobKey(suite.name, file);
  if (event.type === 'output') {
    display.output(file, event.text);
  } else if (event.type === 'test started') {
    const found = caseOf(suite, event.name);
    if (found !== undefined) progress.started(round, jobKey(suite.name, found.id));
  } else if (suite.isUnit && event.type === 'file started') {
    progress.started(round, key);
  } else if (suite.isUnit) {
    progress.ended(round, key);
    durations[key] = event.durationMs;
    display.fileEnded(file, results, event.durationMs);
  }
}

function fileTimeoutMs({ cases, files }: PlannedSuite): number {
  const ofFile = files.map((file) => {
    return cases.filter((one) => one.file === file).reduce((sum, { timeoutMs }) => sum + timeoutMs, 0);
  });
  return Math.max(...ofFile) + fileOverheadMs;
}
