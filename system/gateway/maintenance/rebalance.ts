import type { Clock } from '../../common/clock.ts';
import type { Logger } from '../../common/log.ts';
import { StoreError } from '../objects/errors.ts';
import { CHUNKS_PER_FILE, type Metadata, NodeFailure } from '../objects/ports.ts';
import { type ReplicaMakerDeps, replaceReplica } from '../objects/replica-maker.ts';
import type { MovableChunk, RebalanceProgress, ServerOperations, ServerReport } from '../objects/server-operations.ts';
import type { ServerId } from '../placement/membership.ts';
import { FREE_BYTES_MIN } from '../placement/placement.ts';
import { type Move, RebalancePlan } from '../placement/rebalance-plan.ts';
import { FIRST_CHUNK_ID } from './first-chunk-id.ts';
import type { JobOutcome } from './job-loop.ts';

/** Servers that differ by less than this part of the mean are left alone: moving costs, and the next uploads even them out. */
const SPREAD_TO_BEGIN = 0.08;
const CHUNKS_PER_PAGE = 64;
const PARALLEL_MOVES = 4;
/** After this the plan is made anew from what the servers hold by then. */
const PLAN_MS = 10_000;

export interface RebalanceJobDeps extends ReplicaMakerDeps {
  readonly metadata: Metadata;
  readonly operations: ServerOperations;
  readonly clock: Clock;
  readonly log: Logger;
  readonly replicas: number;
  /**
   * A drain ends no sooner after it began: every gateway has noticed it by then, so that no upload that begins still
   * counts on the server.
   */
  readonly drainNoticeMs: number;
  readonly onMoved: (bytes: number) => void;
  /** Called with the bytes that this gateway still has to move, and with 0 when its run is over, however it ended. */
  readonly onLeft: (bytes: number) => void;
  readonly onDeletionsQueued: () => void;
  /** Called when servers were removed. */
  readonly onRemoved: () => void;
}

const NEVER_RUN = { state: 'idle', spread: 0, leftBytes: 0, movedChunks: 0, movedBytes: 0, failedMoves: 0 } as const;
type Figures = Omit<RebalanceProgress, 'updatedAt'>;

/**
 * Empties the servers that are being drained, and makes the others even when a server has joined or they differ too much. One gateway at
 * a time does it. Where every replica lies is in PostgreSQL alone, so a run that breaks off costs no more than the moves that
 * were under way, and another gateway goes on.
 */
export class Rebalance {
  readonly #deps: RebalanceJobDeps;
  #isForced = false;
  #isWaiting = false;

  constructor(deps: RebalanceJobDeps) {
    this.#deps = deps;
  }

  /** Whether a drain waits for something that is not moved: an upload under way, or time. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** The next run makes servers even also when they differ by little. */
  force(): void {
    this.#isForced = true;
  }

  async progress(): Promise<RebalanceProgress> {
    const { state, updatedAtMs } = await this.#deps.metadata.jobState<Figures>('rebalance');
    return { ...NEVER_RUN, ...state, updatedAt: state === undefined ? null : new Date(updatedAtMs) };
  }

  async run(signal: AbortSignal): Promise<JobOutcome> {
    const done = await this.#deps.metadata.withJobLock('rebalance', async (lost) => {
      const isForced = this.#isForced;
      this.#isForced = false;
      const { state } = await this.#deps.metadata.jobState<Figures>('rebalance');
      const run = new RebalanceRun(this.#deps, { ...NEVER_RUN, ...state }, isForced, AbortSignal.any([signal, lost]));
      this.#isWaiting = await run.untilEven().finally(() => this.#deps.onLeft(0));
      return 'done' as const;
    });
    return done ?? 'busy';
  }
}

class RebalanceRun {
  readonly #deps: RebalanceJobDeps;
  readonly #signal: AbortSignal;
  readonly #isForced: boolean;
  /** Servers that have nothing more to give in this run, or nothing that could be moved. */
  readonly #exhausted = new Set<ServerId>();
  /** The last chunk of each server that was looked at. */
  readonly #cursors = new Map<ServerId, string>();
  #figures: Figures;

  constructor(deps: RebalanceJobDeps, figures: Figures, isForced: boolean, signal: AbortSignal) {
    this.#deps = deps;
    this.#figures = figures;
    this.#isForced = isForced;
    this.#signal = signal;
  }

  /** Resolves with whether a drain is left to be ended. */
  async untilEven(): Promise<boolean> {
    for (;;) {
      this.#signal.throwIfAborted();
      await this.#endDrains();
      const reports = await this.#deps.operations.serverReports();
      const plan = this.#planOf(reports);
      const donor = plan.donor(this.#exhausted);
      const isLeaving = reports.some(({ serverId, status }) => serverId === donor && status === 'draining');
      const { spread, leftBytes } = plan;
      if (donor === undefined || !(isLeaving || this.#isWorthwhile(spread))) {
        await this.#save({ state: 'idle', spread, leftBytes });
        return reports.some(({ status }) => status === 'draining');
      }
      await this.#save({ state: isLeaving ? 'draining' : 'balancing', spread, leftBytes });
      await this.#deps.failpoints.reach('rebalance.planned');
      await this.#takeFrom(donor, plan, reports);
    }
  }

  /** Once begun, it goes on until servers are even: also after a gateway was lost in the middle. */
  #isWorthwhile(spread: number): boolean {
    return this.#isForced || this.#figures.state === 'balancing' || spread > SPREAD_TO_BEGIN;
  }

  async #endDrains(): Promise<void> {
    await this.#deps.failpoints.reach('drain.before-removal');
    const removed = await this.#deps.operations.endDrains(this.#deps.drainNoticeMs);
    if (removed.length === 0) return;
    await this.#deps.failpoints.reach('drain.after-removal');
    this.#deps.log.info({ servers: removed }, 'storage servers are empty and were removed');
    this.#deps.onRemoved();
  }

  /** Inactive servers and those in maintenance neither give nor get: they may be back any moment. */
  #planOf(reports: readonly ServerReport[]): RebalancePlan {
    const { nodes, replicas } = this.#deps;
    const servers = reports
      .filter(({ status, replicas: held }) => status === 'active' || (status === 'draining' && held > 0))
      .map(({ serverId, status, totalBytes, availableBytes, replicaBytes }) => ({
        serverId,
        isLeaving: status === 'draining',
        capacityBytes: totalBytes,
        replicaBytes,
        roomBytes: nodes.isReachable(serverId) ? availableBytes - FREE_BYTES_MIN : 0,
      }));
    return new RebalancePlan(servers, { chunksPerFile: CHUNKS_PER_FILE, replicas });
  }

  /** Moves chunks off one server, page by page, while the plan wants it and is fresh. */
  async #takeFrom(donor: ServerId, plan: RebalancePlan, reports: readonly ServerReport[]): Promise<void> {
    const { operations, clock } = this.#deps;
    const plannedAtMs = clock.monotonicMs();
    while (plan.donor(this.#exhausted) === donor && clock.monotonicMs() - plannedAtMs < PLAN_MS) {
      const page = await operations.movableChunks(donor, this.#cursors.get(donor) ?? FIRST_CHUNK_ID, CHUNKS_PER_PAGE);
      const moves = plan.moves(
        donor,
        page.filter((chunk) => !this.#isSettled(chunk, donor, reports)),
      );
      const moved = await this.#carryOut(moves, plan, reports);
      const last = page.at(-1)?.chunkId;
      if (last !== undefined) this.#cursors.set(donor, last);
      if (page.length < CHUNKS_PER_PAGE) this.#exhausted.add(donor);
      await this.#save({ leftBytes: plan.leftBytes });
      // A node that fails is left alone by the next plan.
      if (moved < moves.length) return;
    }
  }

  /** A chunk that has all its replicas elsewhere: repair verifies those and takes the one that is too many away. */
  #isSettled({ serverIds }: MovableChunk, donor: ServerId, reports: readonly ServerReport[]): boolean {
    const counts = new Set(
      reports.filter(({ status }) => status === 'active' || status === 'maintenance').map(({ serverId }) => serverId),
    );
    return serverIds.filter((serverId) => serverId !== donor && counts.has(serverId)).length >= this.#deps.replicas;
  }

  /** Resolves with how many moves did not fail. */
  async #carryOut(
    moves: readonly Move<MovableChunk>[],
    plan: RebalancePlan,
    reports: readonly ServerReport[],
  ): Promise<number> {
    let succeeded = 0;
    const rest = moves.values();
    const worker = async () => {
      for (const move of rest) {
        if (this.#signal.aborted) return;
        if (await this.#move(move, reports)) succeeded++;
        else plan.undo(move);
      }
    };
    // All have stopped before a failure is reported: nothing goes on without the lock.
    const ends = await Promise.allSettled(Array.from({ length: PARALLEL_MOVES }, worker));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    if (succeeded > 0) this.#deps.onDeletionsQueued();
    return succeeded;
  }

  async #move({ chunk, from, to, order }: Move<MovableChunk>, reports: readonly ServerReport[]): Promise<boolean> {
    const { operations, log, failpoints, onMoved } = this.#deps;
    const { chunkId, sizeBytes } = chunk;
    try {
      const sources = bestFirst(chunk.serverIds, reports);
      await failpoints.reach('rebalance.before-move');
      const outcome = await replaceReplica(this.#deps, { ...chunk, sources }, to, from, this.#signal);
      if (outcome !== 'made') return outcome === 'gone';
      await failpoints.reach('rebalance.after-move');
      if (order !== undefined) await operations.reorderReplicas(chunkId, order);
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!isOfOneMove(error)) throw error;
      log.warn({ err: error, chunkId, from, to }, 'a replica could not be moved and stays where it is');
      this.#figures = { ...this.#figures, failedMoves: this.#figures.failedMoves + 1 };
      return false;
    }
    const { movedChunks, movedBytes } = this.#figures;
    this.#figures = { ...this.#figures, movedChunks: movedChunks + 1, movedBytes: movedBytes + sizeBytes };
    onMoved(sizeBytes);
    return true;
  }

  async #save(changes: Partial<Figures>): Promise<void> {
    this.#figures = { ...this.#figures, ...changes };
    this.#deps.onLeft(this.#figures.leftBytes);
    await this.#deps.metadata.saveJobState('rebalance', this.#figures);
  }
}

/** Servers that are heard of before those that are silent. */
function bestFirst(serverIds: readonly ServerId[], reports: readonly ServerReport[]): ServerId[] {
  const statuses = new Map(reports.map(({ serverId, status }) => [serverId, status]));
  const rank = (serverId: ServerId) => Number(statuses.get(serverId) !== 'active');
  return serverIds.toSorted((a, b) => rank(a) - rank(b));
}

/** What says something about one chunk or one node, and nothing about the other moves. */
function isOfOneMove(error: unknown): boolean {
  if (error instanceof NodeFailure) return true;
  return error instanceof StoreError && (error.code === 'DataDamaged' || error.code === 'DataUnavailable');
}
