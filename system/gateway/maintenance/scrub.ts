import type { Clock } from '../../common/clock.ts';
import type { Failpoints } from '../../common/failpoint.ts';
import type { Logger } from '../../common/log.ts';
import type { GatewayFailpoint } from '../failpoints.ts';
import type { BytePace } from '../objects/byte-pace.ts';
import type { ScrubState } from '../objects/care-report.ts';
import type { Metadata, Nodes } from '../objects/ports.ts';
import type { ChunkRecord, ReplicaProblem } from '../objects/replica-ports.ts';
import { verifyReplica } from '../objects/verify-replica.ts';
import { FIRST_CHUNK_ID } from './first-chunk-id.ts';
import type { JobOutcome } from './job-loop.ts';

const CHUNKS_PER_STEP = 50;
const PROGRESS_MS = 1_000;
/** A round is to be over when this much of the period is, so that a night of downtime does not break the promise. */
const AIM = 0.9;

export interface ScrubDeps {
  readonly metadata: Metadata;
  readonly nodes: Nodes;
  readonly clock: Clock;
  readonly log: Logger;
  readonly failpoints: Failpoints<GatewayFailpoint>;
  readonly pace: BytePace;
  readonly periodMs: number;
  readonly onVerified: (replicas: number, bytes: number) => void;
  /** Called when a replica was found to be bad that nobody knew of. */
  readonly onProblems: () => void;
}

/**
 * Reads every replica once in a period, a little at each run, and records those that are not what their rows say. Where it
 * has got to lies in the database, so any gateway goes on from there.
 */
export class Scrub {
  readonly #deps: ScrubDeps;
  #isAskedFor = false;

  constructor(deps: ScrubDeps) {
    this.#deps = deps;
  }

  /** Has the next run begin a round, and finish it at once. */
  ask(): void {
    this.#isAskedFor = true;
  }

  async run(signal: AbortSignal): Promise<JobOutcome> {
    const done = await this.#deps.metadata.withJobLock('scrub', async (lost) => {
      await this.#goOn(AbortSignal.any([signal, lost]));
      return 'done' as const;
    });
    return done ?? 'busy';
  }

  async #goOn(signal: AbortSignal): Promise<void> {
    const { metadata, periodMs, log, failpoints } = this.#deps;
    const { state: last, nowMs } = await metadata.jobState<ScrubState>('scrub');
    const isAskedFor = this.#isAskedFor;
    const isNew =
      last === undefined || isAskedFor || (last.finishedAtMs !== null && nowMs - last.startedAtMs >= periodMs);
    const state = isNew ? newRound(nowMs, await metadata.replicaBytes(), isAskedFor) : last;
    // From here on the round is known to every gateway, so that it goes on whatever becomes of this run.
    if (isNew) await metadata.saveJobState('scrub', state);
    if (isAskedFor) this.#isAskedFor = false;
    if (state.finishedAtMs !== null) return;
    const spent = (nowMs - state.startedAtMs) / periodMs;
    const dueBytes = state.isUrgent || spent >= AIM ? Number.POSITIVE_INFINITY : (state.totalBytes * spent) / AIM;
    await failpoints.reach('scrub.begun');
    const round = new Round(this.#deps, state, signal);
    const isOver = await round.verify(dueBytes);
    signal.throwIfAborted();
    await failpoints.reach('scrub.before-save');
    const { nowMs: endMs } = await metadata.jobState('scrub');
    await round.save({ state: 'idle', finishedAtMs: isOver ? endMs : null });
    if (isOver) {
      const { verifiedReplicas, verifiedBytes, problems, unreachable } = round.state;
      const tookMs = endMs - state.startedAtMs;
      log.info({ verifiedReplicas, verifiedBytes, problems, unreachable, tookMs }, 'every replica has been verified');
    }
  }
}

function newRound(nowMs: number, totalBytes: number, isUrgent: boolean): ScrubState {
  return {
    state: 'running',
    startedAtMs: nowMs,
    finishedAtMs: null,
    after: FIRST_CHUNK_ID,
    isUrgent,
    verifiedReplicas: 0,
    verifiedBytes: 0,
    unreachable: 0,
    problems: 0,
    totalBytes,
  };
}

class Round {
  readonly #deps: ScrubDeps;
  readonly #signal: AbortSignal;
  #state: ScrubState;
  #savedAtMs: number;

  constructor(deps: ScrubDeps, state: ScrubState, signal: AbortSignal) {
    this.#deps = deps;
    this.#state = state;
    this.#signal = signal;
    this.#savedAtMs = deps.clock.monotonicMs();
  }

  get state(): ScrubState {
    return this.#state;
  }

  /** Goes on until so many bytes of the round are verified. Resolves with whether that was all. */
  async verify(dueBytes: number): Promise<boolean> {
    while (this.#state.verifiedBytes < dueBytes && !this.#signal.aborted) {
      const chunks = await this.#deps.metadata.chunksAfter(this.#state.after, CHUNKS_PER_STEP);
      if (chunks.length === 0) return true;
      for (const chunk of chunks) {
        if (this.#state.verifiedBytes >= dueBytes || this.#signal.aborted) return false;
        await this.#verifyChunk(chunk);
        await this.#deps.failpoints.reach('scrub.mid-way');
      }
    }
    return false;
  }

  async save(change: Partial<ScrubState>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    this.#savedAtMs = this.#deps.clock.monotonicMs();
    await this.#deps.metadata.saveJobState('scrub', this.#state);
  }

  async #verifyChunk(chunk: ChunkRecord): Promise<void> {
    const { metadata, log, clock, onVerified, onProblems } = this.#deps;
    const verdicts = await Promise.all(
      chunk.serverIds.map(async (serverId) => ({
        serverId,
        kind: await verifyReplica(this.#deps, chunk, serverId, this.#signal),
      })),
    );
    const problems = verdicts.flatMap(({ serverId, kind }): ReplicaProblem[] =>
      kind === 'absent' || kind === 'damaged' ? [{ chunkId: chunk.chunkId, serverId, kind }] : [],
    );
    for (const problem of problems) log.warn(problem, 'the scrub found a bad replica');
    if (problems.length > 0 && (await metadata.recordProblems(problems)) > 0) onProblems();
    const unreachable = verdicts.filter(({ kind }) => kind === 'unknown').length;
    const verified = verdicts.length - unreachable;
    onVerified(verified, verified * chunk.sizeBytes);
    this.#state = {
      ...this.#state,
      state: 'running',
      after: chunk.chunkId,
      verifiedReplicas: this.#state.verifiedReplicas + verified,
      // Those that could not be reached count too, or the round would wait for them.
      verifiedBytes: this.#state.verifiedBytes + verdicts.length * chunk.sizeBytes,
      unreachable: this.#state.unreachable + unreachable,
      problems: this.#state.problems + problems.length,
    };
    if (clock.monotonicMs() - this.#savedAtMs >= PROGRESS_MS) await this.save({});
  }
}
