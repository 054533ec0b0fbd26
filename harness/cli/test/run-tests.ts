import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { driverFor } from '../../kit/cluster/driver.ts';
import { onSignals } from '../../kit/cluster/exit-guard.ts';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { sweepScratch } from '../../kit/cluster/scratch.ts';
import type { RunSettings } from '../../kit/testing/run-settings.ts';
import { type TargetChoice, targetLabel } from '../../kit/testing/target-choice.ts';
import { count, type RunReport } from '../../report/results.ts';
import { countsLine, duration, summaryText } from '../../report/summary.ts';
import { forgetReport, writeReport } from '../../report/write-report.ts';
import { paintFor } from '../paint.ts';
import { coverageLinesMin, rawCoverageDir, reportCoverage } from './coverage.ts';
import { Display } from './display.ts';
import { learned, readDurations, writeDurations } from './estimate.ts';
import { type Plan, planRun, shortPath, type Wish } from './plan.ts';
import { Progress } from './progress.ts';
import { runPlan } from './run-plan.ts';
import { startEngine, startSharedCluster, startTestPostgres, testPostgresVariable } from './services.ts';

export interface TestRun extends Wish, TargetChoice {
  readonly seed: number;
  readonly rounds: number;
  readonly workers: number;
  /** A container engine may be installed where there is none. */
  readonly mayInstallEngine: boolean;
  readonly reportDir: string;
  readonly isVerbose: boolean;
  readonly hasCoverage: boolean;
}

export const exitCodes = { passed: 0, failed: 1, nothingChecked: 2, harnessError: 3 } as const;

const durationsFile = join(repositoryRoot, 'node_modules/.cache/sextant/durations.json');

/** Runs what is wished for, and tells and writes what came of it. Gives the exit code. */
export async function runTests(wanted: TestRun): Promise<number> {
  const startedAt = new Date();
  const paint = paintFor(process.stdout);
  await sweepScratch();
  await forgetReport(wanted.reportDir);
  await rm(rawCoverageDir(wanted.reportDir), { recursive: true, force: true });
  const plan = await planRun(wanted);
  const durations = readDurations(durationsFile);
  const progress = new Progress(plan.jobs, wanted.rounds, durations);
  const target = targetLabel(wanted);
  process.stdout.write(`${describe(wanted, plan, target)}\n`);

  onSignals({ onFirst: () => process.stdout.write('\nStopped before the end: this run says nothing.\n') });
  await using services = new AsyncDisposableStack();
  if (wanted.hasCoverage) coverEveryProcess(wanted.reportDir);
  const environment = await startServices(wanted, plan, services);
  const outcome = await (async () => {
    using display = new Display(process.stdout, paint, progress, wanted.isVerbose);
    const { reportDir, suitesDir, tier, seed, rounds, workers } = wanted;
    const { target: kind, postgresVersion, targetUrl, s3Url, s3AccessKey, s3SecretKey } = wanted;
    const settings: Omit<RunSettings, 'cases' | 'seed' | 'recordsFile'> = {
      logDir: join(reportDir, 'logs'),
      clusterFile: environment.clusterFile,
      target: kind,
      postgresVersion,
      targetUrl,
      s3Url,
      s3AccessKey,
      s3SecretKey,
      tier,
      suitesDir,
    };
    const options = { seed, rounds, workers, reportDir, settings, environment: environment.variables };
    // Awaited here, because the display ends with this scope.
    return await runPlan(plan, options, progress, display);
  })();
  // The services write their coverage when they end.
  await services.disposeAsync();

  const durationMs = Date.now() - startedAt.getTime();
  const report: RunReport = {
    startedAt: startedAt.toISOString(),
    durationMs,
    seed: wanted.seed,
    target,
    suites: plan.suites.map(({ name }) => name),
    results: outcome.results,
  };
  await writeReport(wanted.reportDir, report);
  writeDurations(durationsFile, learned(durations, outcome.durations));
  const { failed } = count(outcome.results);
  if (failed === 0) await rm(join(wanted.reportDir, 'logs'), { recursive: true, force: true });
  process.stdout.write(`\n${summaryText(report, paint)}\n`);
  const isCovered = !wanted.hasCoverage || (await reportCoverage(wanted.reportDir));
  if (!isCovered)
    process.stdout.write(paint.red(`Fewer than ${coverageLinesMin} % of the lines of system/ are covered.\n`));
  process.stdout.write(`Report: ${shortPath(wanted.reportDir)} (seed ${wanted.seed}, ${duration(durationMs)})\n`);
  process.stdout.write(`${countsLine(outcome.results)}\n`);
  return exitCodeOf(report, isCovered);
}

function exitCodeOf({ results }: RunReport, isCovered: boolean): number {
  const { passed, failed, skipped } = count(results);
  if (failed > 0 || !isCovered) return exitCodes.failed;
  if (passed + skipped === 0) return exitCodes.harnessError;
  return passed === 0 ? exitCodes.nothingChecked : exitCodes.passed;
}

function describe(wanted: TestRun, plan: Plan, target: string): string {
  const parts = plan.suites.map(({ name, isUnit, files, cases }) =>
    isUnit ? `${name} (${files.length} files)` : `${name} (${cases.length} cases)`,
  );
  const rounds = wanted.rounds === 1 ? '' : `, ${wanted.rounds} rounds`;
  const tier = wanted.tier === 'fast' ? '' : `, tier ${wanted.tier}`;
  return `Running ${parts.join(', ')} against ${target}, seed ${wanted.seed}${tier}${rounds}`;
}

/** Children inherit it: the tests, and every service that they or the runner spawn. */
function coverEveryProcess(reportDir: string): void {
  process.env['NODE_V8_COVERAGE'] = rawCoverageDir(reportDir);
}

interface Surroundings {
  readonly clusterFile: string | null;
  readonly variables: Readonly<Record<string, string>>;
}

async function startServices(wanted: TestRun, plan: Plan, services: AsyncDisposableStack): Promise<Surroundings> {
  const variables: Record<string, string> = {};
  if (plan.suites.some(({ isUnit }) => isUnit) && !process.env[testPostgresVariable]) {
    process.stdout.write('Starting a PostgreSQL for the unit tests\n');
    variables[testPostgresVariable] = services.use(await startTestPostgres()).url;
  }
  if (wanted.target === 'containers') Object.assign(variables, await startEngine(wanted, services));
  if (wanted.target === 'url' || !plan.needsSharedCluster) return { clusterFile: null, variables };
  process.stdout.write('Starting the cluster that the cases share\n');
  const { clusterFile } = services.use(
    await startSharedCluster(join(wanted.reportDir, 'logs', 'shared-cluster'), driverFor(wanted)),
  );
  return { clusterFile, variables };
}
