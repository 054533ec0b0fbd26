import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stopOnSignal } from '../../kit/cluster/exit-guard.ts';
import type { Judgement } from '../../kit/experiment/judgement.ts';
import type { ChaosCheck, Check } from '../../kit/mutants/mutant.ts';
import type { RunReport } from '../../report/results.ts';
import { exitCodes } from '../test/run-tests.ts';

/** What a check says of a tree. `undecided`: it could not tell, and that is neither of the others. */
export interface CheckOutcome {
  readonly check: string;
  readonly outcome: 'passed' | 'failed' | 'undecided';
  /** The first line of the failure, or why nothing can be said. */
  readonly because: string;
  readonly durationMs: number;
}

/** Asked to end, a run stops its clusters in order, and is killed after this. */
const stopDeadlineMs = 30_000;
const becauseCharsMax = 240;

/** As the arguments of the `sextant` command. */
export function checkArguments(check: Check, seed: number): string[] {
  switch (check.kind) {
    case 'unit':
      return ['test', '--suite', 'unit', '--file', check.file, '--seed', String(seed)];
    case 'case':
      return ['test', '--suite', check.suite, '--case', check.case, '--seed', String(seed)];
    case 'chaos':
      return ['chaos', '--scenario', check.scenario, '--seed', `${check.seed}`, '--seconds', `${check.seconds}`];
  }
}

/** `e2e E28`, `unit system/gateway/placement/placement.test.ts`, `chaos calm (seed 1, 5 s): census` */
export function checkName(check: Check): string {
  switch (check.kind) {
    case 'unit':
      return `unit ${check.file}`;
    case 'case':
      return `${check.suite} ${check.case}`;
    case 'chaos':
      return `chaos ${check.scenario} (seed ${check.seed}, ${check.seconds} s): ${check.checker}`;
  }
}

/** Runs the check by the command of the tree in `dir`. What is printed goes to `logFile`. */
export async function runCheck(
  dir: string,
  check: Check,
  options: { readonly seed: number; readonly budgetMs: number; readonly logFile: string },
): Promise<CheckOutcome> {
  const startedAtMs = performance.now();
  const reportDir = `${options.logFile}.report`;
  // Of an earlier run into the same report: its verdict would be taken for this one's.
  rmSync(reportDir, { recursive: true, force: true });
  const report = [check.kind === 'chaos' ? '--runs-dir' : '--report-dir', reportDir];
  const exit = await runCommand(dir, [...checkArguments(check, options.seed), ...report], options);
  const durationMs = Math.round(performance.now() - startedAtMs);
  const said = (outcome: CheckOutcome['outcome'], because: string): CheckOutcome => {
    return { check: checkName(check), outcome, because: shortened(because), durationMs };
  };
  if (exit === 'late') return said('undecided', `it did not end within ${options.budgetMs / 1000} s`);
  if (exit === exitCodes.passed) return said('passed', '');
  const judgementFile = check.kind === 'chaos' ? verdictIn(reportDir, check) : summaryIn(reportDir);
  // Node ends with 1, too, when a command cannot even be loaded; then nothing was reported.
  const isJudged = exit === exitCodes.failed && existsSync(judgementFile);
  if (!isJudged) return said('undecided', `it ended with ${exit}; see ${options.logFile}`);
  if (check.kind === 'chaos') return said(...judged(check, judgementFile));
  const failure = firstFailure(reportDir);
  // A store that does not come up is no store of which anything was shown.
  return said(failure.includes('StartFailed') ? 'undecided' : 'failed', failure);
}

/** One line of a table; the rest is in the report of the check. */
function shortened(because: string): string {
  return because.length <= becauseCharsMax ? because : `${because.slice(0, becauseCharsMax)}…`;
}

function summaryIn(reportDir: string): string {
  return join(reportDir, 'summary.json');
}

function verdictIn(runsDir: string, { seed, scenario }: ChaosCheck): string {
  return join(runsDir, `chaos-${seed}-${scenario}`, 'verdict.json');
}

/** Another promise that is broken is another bug, or a checker that is blind for this one. */
function judged({ checker }: ChaosCheck, verdictFile: string): [CheckOutcome['outcome'], string] {
  const { verdicts }: Judgement = JSON.parse(readFileSync(verdictFile, 'utf8'));
  const broken = verdicts.filter(({ holds }) => holds === false);
  const wanted = broken.find((verdict) => verdict.checker === checker);
  if (wanted !== undefined) return ['failed', wanted.because];
  return ['undecided', `not ${checker} was broken, but: ${broken.map((verdict) => verdict.checker).join(', ')}`];
}

function firstFailure(reportDir: string): string {
  const report: RunReport = JSON.parse(readFileSync(summaryIn(reportDir), 'utf8'));
  const failed = report.results.find(({ outcome }) => outcome === 'failed');
  const lines = (failed?.failure ?? '').split('\n').map((line) => line.trim());
  return `${failed?.name}: ${lines
    .filter((line) => line !== '')
    .slice(0, 2)
    .join(' ')}`;
}

type Exit = number | null | 'late';

async function runCommand(
  dir: string,
  args: readonly string[],
  { budgetMs, logFile }: { readonly budgetMs: number; readonly logFile: string },
): Promise<Exit> {
  const log = createWriteStream(logFile);
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const command = [join(dir, 'harness/cli/sextant.mjs'), ...args];
  // A process group of its own: Ctrl-C on a terminal reaches this process alone, which then stops the other.
  const child = spawn(process.execPath, command, { cwd: dir, env: { ...environment, INIT_CWD: dir }, detached: true });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const exited = new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject));
  let isLate = false;
  const stop = async () => {
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
    await exited.catch(() => undefined);
    clearTimeout(kill);
  };
  const forgetStopper = stopOnSignal(stop);
  const timer = setTimeout(() => {
    isLate = true;
    void stop();
  }, budgetMs);
  try {
    const code = await exited;
    return isLate ? 'late' : code;
  } finally {
    clearTimeout(timer);
    forgetStopper();
    log.end();
  }
}
