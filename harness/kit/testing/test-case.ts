import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chosenDriver } from '../cluster/driver.ts';
import type { Capability } from '../cluster/target.ts';
import { urlTarget } from '../cluster/url-target.ts';
import { CaseContext, NotChecked } from './case-context.ts';
import { type DeclaredCase, listed } from './case-list.ts';
import { appendRecord, type CaseRecord } from './case-record.ts';
import { repeatingFlags, runSettings, suiteOf } from './run-settings.ts';
import { sharedTarget } from './shared-target.ts';
import type { Tag } from './tags.ts';
import type { Tier } from './tiers.ts';

export interface CaseOptions {
  readonly tags?: readonly Tag[];
  /** Of REQUIREMENTS; default 1. */
  readonly phase?: 1 | 2 | 3;
  /** On processes. Default one minute; one for all tiers, or one for each. */
  readonly timeoutMs?: number | Readonly<Record<Tier, number>>;
  /** Beyond the REST interface. On a target without them the case is reported as not checked. */
  readonly needs?: readonly Capability[];
  /** `own`: the case starts what it needs, and the runner need not have a shared cluster for it. Default `shared`. */
  readonly cluster?: 'shared' | 'own';
}

export type CaseBody = (ctx: CaseContext) => Promise<void>;

/** The case ran longer than it may. */
export class CaseTimedOut extends Error {
  override name = 'CaseTimedOut';
}

const defaultTimeoutMs = 60_000;
/** A container takes so much longer to start and to stop than a process. What a case promises of the store has limits of its own. */
const containersFactor = 2;
/** For stopping what a case that ran out of time has left. */
const cleanUpDeadlineMs = 30_000;
/** How long a body that ran out of time gets to notice it. */
const bodyEndMs = 1_000;

/**
 * Declares a case of a suite. Its title is a claim. It runs when the runner selected it; what is not selected
 * is neither run nor counted.
 */
export function testCase(id: string, title: string, options: CaseOptions, body: CaseBody): void {
  const declared: DeclaredCase = {
    id,
    title,
    tags: options.tags ?? [],
    phase: options.phase ?? 1,
    timeoutMs: timeoutOf(options),
    needs: [...(options.needs ?? []), ...(options.cluster === 'own' ? (['own cluster'] as const) : [])],
    cluster: options.cluster ?? 'shared',
  };
  if (listed(declared)) return;
  if (runSettings.cases !== null && !runSettings.cases.includes(id)) return;
  // node:test's own limit only backs ours up: ours also stops what the case has started.
  const timeout = declared.timeoutMs + 2 * cleanUpDeadlineMs;
  test(`${id} ${title}`, { timeout }, (t) => runCase(t, declared, body));
}

function timeoutOf({ timeoutMs = defaultTimeoutMs }: CaseOptions): number {
  const onProcessesMs = typeof timeoutMs === 'number' ? timeoutMs : timeoutMs[runSettings.tier];
  return runSettings.target === 'containers' ? containersFactor * onProcessesMs : onProcessesMs;
}

async function runCase(t: TestContext, declared: DeclaredCase, body: CaseBody): Promise<void> {
  const startedAtMs = performance.now();
  const record = (outcome: CaseRecord['outcome'], logs: string[], notes: CaseRecord['notes']) =>
    keepRecord({ ...identityOf(declared), outcome, durationMs: performance.now() - startedAtMs, logs, notes });

  const missing = missingCapabilities(declared);
  if (missing.length > 0) {
    record('not checked', [], []);
    t.skip(`not checked: the target does not offer ${missing.join(', ')}`);
    return;
  }
  const logDir = join(runSettings.logDir, suiteOfThisFile(), declared.id);
  const timer = new AbortController();
  const { seed: runSeed, tier } = runSettings;
  const given = { id: declared.id, runSeed, tier, logDir, signal: timer.signal };
  let ctx: CaseContext | undefined;
  try {
    ctx = new CaseContext({ ...given, target: declared.cluster === 'shared' ? await sharedTarget() : undefined });
    await withinTime(declared, ctx, timer, body);
    await rm(logDir, { recursive: true, force: true });
    record('passed', [], ctx.notes);
  } catch (error) {
    const why = whyNotChecked(error);
    if (why !== null) {
      record('not checked', [], []);
      t.skip(`not checked: ${why}`);
      return;
    }
    record('failed', logsOf(declared, logDir), ctx?.notes ?? []);
    throw error;
  }
}

async function withinTime(
  declared: DeclaredCase,
  ctx: CaseContext,
  timer: AbortController,
  body: CaseBody,
): Promise<void> {
  const timedOut = new CaseTimedOut(`${declared.id} did not finish within ${declared.timeoutMs / 1000} s`);
  const timeout = setTimeout(() => timer.abort(timedOut), declared.timeoutMs);
  const aborted = new Promise<never>((_, reject) => {
    timer.signal.addEventListener('abort', () => reject(timedOut), { once: true });
  });
  // A body that throws before its first await is a body that failed, and is cleaned up after as any other.
  const ended = Promise.try(body, ctx);
  const [outcome] = await Promise.allSettled([Promise.race([ended, aborted])]);
  clearTimeout(timeout);
  // What the case has left is stopped even while its body still hangs: that is often what ends the body.
  const errors = await Promise.race([ctx.cleanUp(), sleep(cleanUpDeadlineMs, undefined, { ref: false })]);
  await Promise.race([ended.catch(() => {}), sleep(bodyEndMs, undefined, { ref: false })]);

  // The body's own failure tells more than what its cleaning up failed with; what it could not check is none.
  if (outcome.status === 'rejected' && whyNotChecked(outcome.reason) === null) throw outcome.reason;
  if (errors === undefined) throw new Error(`what ${declared.id} started did not stop within 30 s`);
  if (errors.length > 0) {
    // Of an AggregateError only the message, the stack and the cause reach the runner's process.
    const reasons = errors.map((error) => (error instanceof Error ? error.message : String(error))).join('; ');
    throw new Error(`what ${declared.id} started did not stop cleanly: ${reasons}`, { cause: errors[0] });
  }
  if (outcome.status === 'rejected') throw outcome.reason;
}

function whyNotChecked(error: unknown): string | null {
  return error instanceof NotChecked ? error.message : lackOfForeignStore(error);
}

/** A store that is not ours may leave parts of S3 out, if it says so: 501, NotImplemented. */
function lackOfForeignStore(error: unknown): string | null {
  const isForeign = runSettings.target === 'url' && runSettings.targetUrl === null;
  if (!isForeign || !(error instanceof Error)) return null;
  const { $metadata: metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return metadata?.httpStatusCode === 501 ? `the store does not offer it: ${error.name} ${error.message}` : null;
}

function missingCapabilities(declared: DeclaredCase): Capability[] {
  const { capabilities } = runSettings.target === 'url' ? urlTarget(runSettings) : chosenDriver();
  return declared.needs.filter((need) => !capabilities.has(need));
}

function identityOf({ id }: DeclaredCase) {
  const suite = suiteOfThisFile();
  const again = `npx sextant test --suite ${suite} --case ${id}${repeatingFlags(runSettings)}`;
  return { id, suite, file: thisFile(), seed: runSettings.seed, again };
}

function keepRecord(record: CaseRecord): void {
  if (runSettings.recordsFile !== null) {
    appendRecord(runSettings.recordsFile, record);
    return;
  }
  for (const { label, value } of record.notes) process.stderr.write(`${record.id} ${label}: ${value}\n`);
  if (record.outcome !== 'failed') return;
  const logs = record.logs.length === 0 ? 'none' : record.logs.join(', ');
  process.stderr.write(`${record.id} failed\n  seed: ${record.seed}\n  again: ${record.again}\n  logs: ${logs}\n`);
}

function logsOf({ cluster }: DeclaredCase, logDir: string): string[] {
  const { clusterFile } = runSettings;
  const shared = clusterFile === null || cluster === 'own' ? [] : [join(dirname(clusterFile), 'logs')];
  return [...(existsSync(logDir) ? [logDir] : []), ...shared];
}

function thisFile(): string {
  return process.argv[1] ?? '';
}

function suiteOfThisFile(): string {
  return suiteOf(thisFile(), runSettings.suitesDir);
}
