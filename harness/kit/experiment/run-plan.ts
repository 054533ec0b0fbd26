import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkAll } from '../checkers/check-all.ts';
import { AdminClient } from '../clients/admin-client.ts';
import { RestClient } from '../clients/rest-client.ts';
import { type Cluster, StartFailed } from '../cluster/target.ts';
import type { FaultWorld } from '../faults/catalogue/entry.ts';
import { faultOf } from '../faults/catalogue.ts';
import type { FaultEvent, HistoryEvent, Phase } from '../history/events.ts';
import { readHistory } from '../history/read-history.ts';
import { Recorder } from '../history/recorder.ts';
import { Choices } from '../seed/choices.ts';
import { finalReads } from '../workloads/final-reads.ts';
import type { RunDeps } from '../workloads/gateway-connections.ts';
import { KnownValues } from '../workloads/known-values.ts';
import { readEveryVersion } from '../workloads/read-every-version.ts';
import { runClients } from '../workloads/run-clients.ts';
import { untilServing } from '../workloads/until-serving.ts';
import { Bundle } from './bundle.ts';
import { findingsOnceMended, isClean, type Mended } from './census-event.ts';
import { leftOnceCleared } from './clear-store.ts';
import { FaultSchedule, type Tell } from './fault-schedule.ts';
import { type Judgement, summaryOf } from './judgement.ts';
import type { Plan } from './plan.ts';
import { openStore } from './store-under-test.ts';
import { readVersions } from './versions.ts';

export interface RunOptions {
  /** Must not exist yet. */
  readonly bundleDir: string;
  /** Aborted: everything is healed and stopped, and nothing is judged. */
  readonly signal: AbortSignal;
  /** The store's data stays in the bundle. */
  readonly keepsData?: boolean;
  readonly onPhase?: (phase: Phase | 'start' | 'mend' | 'check') => void;
  readonly onFault?: (event: Omit<FaultEvent, 'at'>) => void;
  /** Default: all checkers. */
  readonly check?: typeof checkAll;
}

export interface RunOutcome {
  readonly judgement: Judgement;
  readonly history: readonly HistoryEvent[];
}

/**
 * Does what a plan says and judges what was observed. The bundle stays, whatever comes of it. Throws StartFailed when the store
 * never came up, and whatever the harness itself fails with: neither says anything of the store.
 */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunOutcome> {
  const bundle = await Bundle.create(options.bundleDir, plan);
  await observe(plan, bundle, options).catch((error) => {
    // What is given up half-way complains; nothing is wrong with that.
    if (!options.signal.aborted) throw error;
  });
  options.onPhase?.('check');
  const { events: history } = readHistory(await readFile(bundle.historyFile, 'utf8'));
  const judged = options.signal.aborted ? stopped : (options.check ?? checkAll)(history, plan.limits);
  const judgement = { ...judged, ...summaryOf(history) };
  await bundle.writeJudgement(judgement);
  return { judgement, history };
}

const stopped: Pick<Judgement, 'overall' | 'verdicts'> = {
  overall: 'unknown',
  verdicts: [{ checker: 'run', holds: 'unknown', because: 'the run was stopped before its end', operations: [] }],
};

/** Leaves the history, with as many of its phases as the store allows. */
async function observe(plan: Plan, bundle: Bundle, options: RunOptions): Promise<void> {
  const { signal, onPhase, onFault } = options;
  onPhase?.('start');
  using recorder = new Recorder(bundle.historyFile, { seed: plan.seed, scenario: plan.scenario });
  const tell: Tell = (event) => {
    recorder.write(event);
    onFault?.(event);
  };
  const begin = (phase: Phase) => {
    recorder.write({ type: 'phase', phase });
    onPhase?.(phase);
  };
  await using store = await openStore(plan, {
    ...bundle.folders,
    keptDataDir: options.keepsData === true ? join(bundle.dir, 'data') : null,
    onUnexpectedExit: (node, exit) => recorder.write({ type: 'exit', node, ...exit }),
  });
  await bundle.writeSettings(store.settings);
  await bundle.writeVersions(await readVersions(store.cluster.databaseUrl));
  const { gateways, bucket, cluster } = store;
  const { credentials } = cluster;
  const deps: RunDeps = { gateways, credentials, bucket, recorder, known: new KnownValues(plan), signal };
  const world: FaultWorld = { cluster, links: store.links, choices: new Choices(plan.seed), ...bundle.folders };
  await using schedule = new FaultSchedule((planned) => faultOf(planned, world), tell);

  begin('load');
  await load(plan, deps, schedule);
  begin('heal');
  await schedule.heal();
  await startStopped(cluster, tell);
  if (signal.aborted) return;
  begin('recover');
  const serves = await untilServing(plan, deps);
  if (signal.aborted) return;
  recorder.write({ type: serves ? 'recovered' : 'not recovered' });
  if (!serves) return;
  onPhase?.('mend');
  const { findings, isLost } = await mended(plan, cluster, signal);
  begin('final reads');
  // What is lost is not brought back by trying again, and the rest has been served before.
  const tries = isLost ? 'once' : 'until answered';
  await finalReads(plan, deps, tries);
  const versions = plan.cluster.isVersioned ? await readEveryVersion(plan, deps, tries) : null;
  if (versions !== null) recorder.write({ type: 'versions', versions });
  begin('census');
  recorder.write({ type: 'census', ...findings });
  // What was left before anything was deleted is told already.
  if (!isClean(findings)) return;
  begin('clear');
  const withinMs = plan.limits.mendingMs;
  const left = options.keepsData === true ? null : await leftOnceCleared(cluster, bucket, { withinMs, signal });
  recorder.write({ type: 'cleared', left });
}

async function load(plan: Plan, deps: RunDeps, schedule: FaultSchedule): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([deps.signal, failed.signal]);
  const both = [runClients(plan, { ...deps, signal }), schedule.run(plan.faults, signal)];
  try {
    await Promise.all(both);
  } finally {
    failed.abort();
    await Promise.allSettled(both);
  }
}

async function mended(plan: Plan, cluster: Cluster, signal: AbortSignal): Promise<Mended> {
  using rest = new RestClient(cluster.rest);
  // Damage that no read met is the scrub's to find.
  await new AdminClient(rest).start('scrub');
  return await findingsOnceMended(cluster, {
    replicas: plan.cluster.replicas,
    withinMs: plan.limits.mendingMs,
    signal,
  });
}

/** Whatever a fault or a crash has left down. What does not start then is told, and seen by the recovery that does not come. */
async function startStopped(cluster: Cluster, tell: Tell): Promise<void> {
  for (const stage of [[cluster.postgres], cluster.nodes, cluster.gateways]) {
    const starts = stage.filter(({ isRunning }) => !isRunning).map((one) => one.start());
    for (const start of await Promise.allSettled(starts)) {
      if (start.status === 'fulfilled') continue;
      if (!(start.reason instanceof StartFailed)) throw start.reason;
      tell({ type: 'fault', fault: 'start after all faults', state: 'failed', what: start.reason.message });
    }
  }
}
