import type { Clock } from '../../common/clock.ts';
import { noRepairs, type RepairFigures } from '../objects/care-report.ts';
import type { ChunkInDoubt } from '../objects/replica-ports.ts';
import { planRepair } from '../placement/repair-plan.ts';
import { FIRST_CHUNK_ID } from './first-chunk-id.ts';
import type { JobOutcome } from './job-loop.ts';
import { type ChunkOutcome, type RepairDeps, repairChunk } from './repair-chunk.ts';

/** Rows that one statement looks at. */
const ROWS_PER_STEP = 10_000;
const PARALLEL_CHUNKS = 3;
const PROGRESS_MS = 1_000;
/** Outcomes after which another look may find something to do. */
const CHANGES: ReadonlySet<ChunkOutcome['kind']> = new Set(['repaired', 'trimmed', 'worse']);

export interface RepairJobDeps extends RepairDeps {
  readonly clock: Clock;
  /** A chunk whose repair failed is tried again after this, and then after longer times. */
  readonly retryMs: number;
  /** Called when a server that was lost counts again: what it holds may be wanted. */
  readonly onServersBack: () => void;
  /** Told of every chunk that was made whole. */
  readonly onRepaired: (replicas: number, bytes: number) => void;
}

/**
 * Brings every completed chunk back to its number of good replicas. Each step is complete in itself and what is still to be
 * done is computed anew from the rows, so that another gateway can go on at any moment.
 */
export async function repair(deps: RepairJobDeps, signal: AbortSignal): Promise<JobOutcome> {
  const done = await deps.metadata.withJobLock('repair', async (lost) => {
    const either = AbortSignal.any([signal, lost]);
    await lookAtServers(deps);
    const { state } = await deps.metadata.jobState<RepairFigures>('repair');
    const run = new RepairRun(deps, { ...noRepairs, ...state }, either);
    await run.untilNothingHelps();
    return 'done' as const;
  });
  return done ?? 'busy';
}

/** A server that is back is to be rid of what was deleted meanwhile, and may hold what is wanted. */
async function lookAtServers({ metadata, standings, workLeaseMs, onServersBack }: RepairJobDeps): Promise<void> {
  standings.update(await metadata.servers());
  const back = standings.takeReturned();
  if (back.length === 0) return;
  await metadata.hastenDeletions(back, workLeaseMs);
  onServersBack();
}

class RepairRun {
  readonly #deps: RepairJobDeps;
  readonly #signal: AbortSignal;
  #figures: RepairFigures;
  #savedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: RepairJobDeps, figures: RepairFigures, signal: AbortSignal) {
    this.#deps = deps;
    this.#figures = figures;
    this.#signal = signal;
  }

  async untilNothingHelps(): Promise<void> {
    for (;;) {
      const isAllWell = !(await this.#survey());
      if (this.#figures.pendingChunks > 0) await this.#save('running');
      await this.#deps.failpoints.reach('repair.surveyed');
      if (isAllWell || !(await this.#pass()) || this.#signal.aborted) break;
      await lookAtServers(this.#deps);
    }
    this.#signal.throwIfAborted();
    await this.#save('idle');
  }

  /** Counts what is to be made, for operators. Resolves with whether any chunk is in doubt. */
  async #survey(): Promise<boolean> {
    const { standings, placement, replicas } = this.#deps;
    let pendingChunks = 0;
    let pendingBytes = 0;
    let inDoubt = 0;
    for await (const chunk of this.#inDoubt()) {
      const plan = planRepair(
        chunk,
        replicas,
        (id) => standings.of(id),
        (id) => placement.loadOf(id),
      );
      inDoubt++;
      if (plan.kind !== 'make') continue;
      pendingChunks++;
      pendingBytes += plan.missing * chunk.sizeBytes;
    }
    this.#figures = { ...this.#figures, pendingChunks, pendingBytes };
    return inDoubt > 0;
  }

  /** Looks at every chunk once. Resolves with whether anything changed, in which case another look is worth it. */
  async #pass(): Promise<boolean> {
    let helped = false;
    const chunks = this.#inDoubt();
    const worker = async () => {
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
        const outcome = await repairChunk(this.#deps, next.value, this.#signal);
        if (outcome.kind === 'repaired') await this.#deps.failpoints.reach('repair.after-chunk');
        await this.#note(next.value, outcome);
        if (CHANGES.has(outcome.kind)) helped = true;
      }
    };
    // All have stopped before a failure is reported: nothing goes on without the lock.
    const ends = await Promise.allSettled(Array.from({ length: PARALLEL_CHUNKS }, worker));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return helped;
  }

  async *#inDoubt(): AsyncGenerator<ChunkInDoubt> {
    const { metadata, standings, replicas } = this.#deps;
    let after: string | undefined = FIRST_CHUNK_ID;
    while (after !== undefined) {
      const page = await metadata.chunksInDoubt(after, ROWS_PER_STEP, standings.settled, replicas);
      for (const chunk of page.chunks) {
        if (this.#signal.aborted) return;
        yield chunk;
      }
      after = page.nextAfter;
    }
  }

  async #note(chunk: ChunkInDoubt, outcome: ChunkOutcome): Promise<void> {
    const { metadata, log, retryMs, onRepaired, clock } = this.#deps;
    const { chunkId, fileId, sizeBytes, failure } = chunk;
    if (outcome.kind === 'failed') {
      const { isLost, reason } = outcome;
      await metadata.repairFailed(chunkId, { isLost, reason: sentence(reason) }, retryMs);
      const context = { err: reason, chunkId, fileId, servers: chunk.serverIds };
      if (!isLost) log.warn(context, 'a chunk could not be repaired and will be tried again');
      else if (failure?.isLost !== true)
        log.error(context, 'a chunk has no good replica left: its file is lost unless one comes back');
      this.#figures = { ...this.#figures, failed: this.#figures.failed + 1 };
    } else if (failure !== undefined && outcome.kind !== 'waiting') {
      await metadata.repairDone(chunkId);
      if (failure.isLost) log.info({ chunkId, fileId }, 'a chunk that was lost has a good replica again');
    }
    if (outcome.kind === 'repaired') {
      const bytes = outcome.replicas * sizeBytes;
      const { repairedChunks, repairedBytes, pendingChunks, pendingBytes } = this.#figures;
      this.#figures = {
        ...this.#figures,
        repairedChunks: repairedChunks + 1,
        repairedBytes: repairedBytes + bytes,
        pendingChunks: Math.max(0, pendingChunks - 1),
        pendingBytes: Math.max(0, pendingBytes - bytes),
      };
      onRepaired(outcome.replicas, bytes);
      log.debug({ chunkId, fileId, replicas: outcome.replicas }, 'a chunk was repaired');
    }
    if (outcome.kind === 'trimmed') {
      this.#figures = { ...this.#figures, trimmedReplicas: this.#figures.trimmedReplicas + 1 };
    }
    if (clock.monotonicMs() - this.#savedAtMs >= PROGRESS_MS && outcome.kind !== 'nothing') await this.#save('running');
  }

  async #save(state: RepairFigures['state']): Promise<void> {
    this.#savedAtMs = this.#deps.clock.monotonicMs();
    this.#figures = { ...this.#figures, state };
    await this.#deps.metadata.saveJobState('repair', this.#figures);
  }
}

function sentence(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
