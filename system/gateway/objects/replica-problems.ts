import type { Clock, Timer } from '../../common/clock.ts';
import type { Failpoints } from '../../common/failpoint.ts';
import type { Logger } from '../../common/log.ts';
import type { GatewayFailpoint } from '../failpoints.ts';
import type { NodeFailure } from './ports.ts';
import type { RepairRecords, ReplicaProblem } from './replica-ports.ts';

/** Problems that wait to be recorded; more are left to the scrub, or to the next read. */
const WAITING_MAX = 10_000;
const BATCH = 500;
const GATHER_MS = 200;
const RETRY_MS = 2_000;

export interface ProblemReportDeps {
  readonly metadata: Pick<RepairRecords, 'recordProblems'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly failpoints: Failpoints<GatewayFailpoint>;
  /** Called when a problem was recorded that nobody knew of. */
  readonly onRecorded: () => void;
}

/** Takes note of bad replicas that reads come upon, in batches and never in their way. */
export class ProblemReports implements AsyncDisposable {
  readonly #deps: ProblemReportDeps;
  readonly #waiting = new Map<string, ReplicaProblem>();
  #timer: Timer | undefined;
  #recording: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(deps: ProblemReportDeps) {
    this.#deps = deps;
  }

  /** Notes that a replica is absent or damaged; other failures say nothing about it. */
  note(chunkId: string, { kind, serverId }: NodeFailure): void {
    if (kind !== 'absent' && kind !== 'damaged') return;
    if (this.#waiting.size >= WAITING_MAX || this.#isClosed) return;
    this.#waiting.set(`${chunkId}@${serverId}`, { chunkId, serverId, kind });
    this.#wait(GATHER_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#recording;
  }

  #wait(ms: number): void {
    this.#timer ??= this.#deps.clock.after(ms, () => {
      this.#recording = this.#record();
    });
  }

  async #record(): Promise<void> {
    const batch = [...this.#waiting].slice(0, BATCH);
    let pauseMs = GATHER_MS;
    try {
      for (const [key] of batch) this.#waiting.delete(key);
      await this.#deps.failpoints.reach('problem.before-row');
      if ((await this.#deps.metadata.recordProblems(batch.map(([, problem]) => problem))) > 0) this.#deps.onRecorded();
    } catch (error) {
      this.#deps.log.debug({ err: error, problems: batch.length }, 'bad replicas could not be recorded yet');
      for (const [key, problem] of batch) this.#waiting.set(key, problem);
      pauseMs = RETRY_MS;
    }
    this.#timer = undefined;
    if (this.#waiting.size > 0 && !this.#isClosed) this.#wait(pauseMs);
  }
}
