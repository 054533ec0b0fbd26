import { randomInt } from 'node:crypto';
import { join, relative, sep } from 'node:path';
import { repositoryRoot } from '../cluster/repository.ts';
import { ownProcesses, s3KeyVariables, type TargetChoice, targetFlags } from './target-choice.ts';
import { parseTier, type Tier } from './tiers.ts';

/**
 * What the runner tells the processes in which cases run. It passes through the environment, because
 * node:test starts one process for each file. Without a runner (`node --test some.test.ts`) every case of the
 * file runs, on a cluster that the file starts for itself.
 */
export interface RunSettings extends TargetChoice {
  /** Ids; null: all. */
  readonly cases: readonly string[] | null;
  /** Decides everything random in the run; each case derives its own from it. */
  readonly seed: number;
  /** How far the cases go. */
  readonly tier: Tier;
  /** One JSON line is appended for each case that ends; null without a runner. */
  readonly recordsFile: string | null;
  /** Below it each case has a folder for logs. */
  readonly logDir: string;
  /** cluster.json of the cluster that all cases share; null: none was started. */
  readonly clusterFile: string | null;
  /** Holds one folder for each suite. */
  readonly suitesDir: string;
}

/** Every variable by which the runner speaks to the processes it starts. */
const variables = {
  cases: 'SEXTANT_TEST_CASES',
  seed: 'SEXTANT_SEED',
  tier: 'SEXTANT_TEST_TIER',
  recordsFile: 'SEXTANT_TEST_RECORDS',
  logDir: 'SEXTANT_TEST_LOG_DIR',
  clusterFile: 'SEXTANT_TEST_CLUSTER',
  target: 'SEXTANT_TEST_TARGET',
  postgresVersion: 'SEXTANT_TEST_POSTGRES_VERSION',
  targetUrl: 'SEXTANT_TEST_TARGET_URL',
  s3Url: 'SEXTANT_TEST_S3_URL',
  s3AccessKey: s3KeyVariables.access,
  s3SecretKey: s3KeyVariables.secret,
  suitesDir: 'SEXTANT_TEST_SUITES_DIR',
} as const;

const targetKinds = ['processes', 'containers', 'url'] as const;

/** For a process that only lists cases: how long one may take depends on these. */
export function listingEnvironment({ tier, target }: Pick<RunSettings, 'tier' | 'target'>): Record<string, string> {
  return { [variables.tier]: tier, [variables.target]: target };
}

/** Read by end-of-file.ts. */
export const fileTimeoutVariable = 'SEXTANT_TEST_FILE_TIMEOUT_MS';

export function toEnvironment(settings: RunSettings): Record<string, string> {
  const texts = {
    ...settings,
    cases: settings.cases?.join(',') ?? null,
    seed: String(settings.seed),
    postgresVersion: String(settings.postgresVersion),
  };
  const pairs = Object.entries(variables).map(([name, variable]) => [variable, texts[name as keyof typeof variables]]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== null));
}

export function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): RunSettings {
  const text = (name: keyof typeof variables) => environment[variables[name]] || null;
  return {
    cases: text('cases')?.split(',') ?? null,
    seed: Number(text('seed') ?? randomSeed()),
    tier: parseTier(text('tier') ?? 'fast'),
    recordsFile: text('recordsFile'),
    logDir: text('logDir') ?? join(repositoryRoot, 'runs', 'direct', String(process.pid)),
    clusterFile: text('clusterFile'),
    target: targetKinds.find((kind) => kind === text('target')) ?? ownProcesses.target,
    postgresVersion: text('postgresVersion') === '15' ? 15 : ownProcesses.postgresVersion,
    targetUrl: text('targetUrl'),
    s3Url: text('s3Url'),
    s3AccessKey: text('s3AccessKey'),
    s3SecretKey: text('s3SecretKey'),
    suitesDir: text('suitesDir') ?? join(repositoryRoot, 'harness'),
  };
}

/** The flags that have a case meet the same again. */
export function repeatingFlags(settings: Pick<RunSettings, 'seed' | 'tier' | keyof TargetChoice>): string {
  const tier = settings.tier === 'fast' ? '' : ` --tier ${settings.tier}`;
  return ` --seed ${settings.seed}${tier}${targetFlags(settings)}`;
}

export const runSettings = fromEnvironment(process.env);

export function randomSeed(): number {
  return randomInt(1, 2 ** 31);
}

/** The folder below `suitesDir` in which a test file lies. */
export function suiteOf(file: string, suitesDir: string): string {
  return relative(suitesDir, file).split(sep)[0] ?? '';
}
