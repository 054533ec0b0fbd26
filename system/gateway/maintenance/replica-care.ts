import type { GatewayMetrics } from '../metrics.ts';
import type { BytePace } from '../objects/byte-pace.ts';
import {
  type CareReport,
  type CensusState,
  noRepairs,
  type RepairFigures,
  reportCare,
} from '../objects/care-report.ts';
import type { NodeFailure } from '../objects/ports.ts';
import { ProblemReports } from '../objects/replica-problems.ts';
import { census } from './census.ts';
import { JobLoop } from './job-loop.ts';
import { repair } from './repair.ts';
import type { RepairDeps } from './repair-chunk.ts';
import { Scrub } from './scrub.ts';

export interface CareSettings {
  readonly repairIntervalMs: number;
  readonly scrubPeriodMs: number;
  readonly censusIntervalMs: number;
  readonly orphanGraceMs: number;
}

export interface CareDeps extends RepairDeps {
  readonly metrics: GatewayMetrics;
  /** Shared by everything that reads or copies replicas in the background. */
  readonly pace: BytePace;
  readonly onDeletionsQueued: () => void;
}

/** Reads come upon bad replicas in bunches, when a disk fails. */
const GATHER_MS = 500;
/** The scrub takes so many steps in a period, and one in a minute at least. */
const SCRUB_STEPS = 20;
const SCRUB_STEP_MS_MAX = 60_000;

/**
 * Everything that keeps replicas whole: reads report bad ones, the scrub and the census look for more, and repair makes good
 * ones of them. Each wakes the next.
 */
export class ReplicaCare implements AsyncDisposable {
  readonly #deps: Omit<CareDeps, 'onReplicaFailure'>;
  readonly #problems: ProblemReports;
  readonly #repair: JobLoop;
  readonly #scrub: Scrub;
  readonly #scrubLoop: JobLoop;
  readonly #census: JobLoop;
  #figures: RepairFigures = noRepairs;
  #lostChunks = 0;
  #orphans = 0;

  constructor(deps: Omit<CareDeps, 'onReplicaFailure'>, settings: CareSettings) {
    this.#deps = deps;
    const { metrics } = deps;
    const wakeRepair = () => this.#repair.runSoon(GATHER_MS);
    this.#problems = new ProblemReports({ ...deps, onRecorded: wakeRepair });
    const onReplicaFailure = (chunkId: string, failure: NodeFailure) => this.note(chunkId, failure);

    const repairDeps = {
      ...deps,
      onReplicaFailure,
      retryMs: settings.repairIntervalMs,
      onServersBack: () => this.#census.runSoon(0),
      onRepaired: (replicas: number, bytes: number) => {
        metrics.repairedReplicas.inc(replicas);
        metrics.repairedBytes.inc(bytes);
      },
    };
    this.#repair = new JobLoop('repair', settings.repairIntervalMs, deps, async (signal) => {
      const outcome = await repair(repairDeps, signal);
      await this.#look();
      return outcome;
    });

    this.#scrub = new Scrub({
      ...deps,
      periodMs: settings.scrubPeriodMs,
      onProblems: wakeRepair,
      onVerified: (replicas, bytes) => {
        metrics.scrubbedReplicas.inc(replicas);
        metrics.scrubbedBytes.inc(bytes);
      },
    });
    const stepMs = Math.ceil(Math.min(SCRUB_STEP_MS_MAX, settings.scrubPeriodMs / SCRUB_STEPS));
    this.#scrubLoop = new JobLoop('scrub', stepMs, deps, (signal) => this.#scrub.run(signal));

    const censusDeps = {
      ...deps,
      orphanGraceMs: settings.orphanGraceMs,
      onProblems: wakeRepair,
      onOrphansWaiting: () => this.#census.runSoon(settings.orphanGraceMs),
    };
    this.#census = new JobLoop('census', settings.censusIntervalMs, deps, (signal) => census(censusDeps, signal));
    metrics.gauge('sextant_repair_pending_chunks', 'Chunks that lack replicas.', () => this.#figures.pendingChunks);
    metrics.gauge('sextant_repair_pending_bytes', 'Bytes to copy for them.', () => this.#figures.pendingBytes);
    metrics.gauge('sextant_lost_chunks', 'Chunks without a good replica.', () => this.#lostChunks);
    metrics.gauge('sextant_orphans_waiting', 'Chunk files of no row that are too young to go.', () => this.#orphans);
  }

  /** A read found a replica absent or damaged, or failed otherwise. */
  note(chunkId: string, failure: NodeFailure): void {
    this.#deps.log.warn(
      { chunkId, serverId: failure.serverId, kind: failure.kind, err: failure },
      'a replica failed a read',
    );
    this.#deps.metrics.replicaFailures.inc({ server_id: failure.serverId, kind: failure.kind });
    this.#problems.note(chunkId, failure);
  }

  /** Has a job run soon, on this gateway or after the one that is doing it. */
  runSoon(job: 'repair' | 'scrub' | 'census'): void {
    if (job === 'repair') this.#repair.runSoon(0);
    if (job === 'census') this.#census.runSoon(0);
    if (job !== 'scrub') return;
    this.#scrub.ask();
    this.#scrubLoop.runSoon(0);
  }

  report(): Promise<CareReport> {
    return reportCare(this.#deps.metadata);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const loops = [this.#repair, this.#scrubLoop, this.#census];
    await Promise.all(loops.map((loop) => loop[Symbol.asyncDispose]()));
    await this.#problems[Symbol.asyncDispose]();
  }

  /** Every gateway shows the same figures, whichever does the work. */
  async #look(): Promise<void> {
    const { metadata, metrics } = this.#deps;
    this.#figures = (await metadata.jobState<RepairFigures>('repair')).state ?? noRepairs;
    this.#orphans = (await metadata.jobState<CensusState>('census')).state?.orphansWaiting ?? 0;
    this.#lostChunks = (await metadata.lostChunks(1)).total;
    const problems = await metadata.countProblems();
    metrics.replicaProblems.set({ kind: 'absent' }, problems.absent);
    metrics.replicaProblems.set({ kind: 'damaged' }, problems.damaged);
  }
}
