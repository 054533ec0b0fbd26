export type OperationKind = 'upload' | 'download' | 'list' | 'delete';

/** `info`: it may or may not have happened. Never a guess: an answer that did not come, or that says so little. */
export type Outcome = 'running' | 'ok' | 'fail' | 'info';

/** One call of one client, from the moment before it was sent. Times are monotonic, of this process. */
export interface Operation {
  readonly number: number;
  readonly kind: OperationKind;
  readonly client: string;
  /** host:port */
  readonly gateway: string;
  /** The name of the file; empty for a list. */
  readonly filename: string;
  readonly invokedAtMs: number;
  /** Null while it runs. */
  readonly endedAtMs: number | null;
  readonly outcome: Outcome;
  /** `201`, `503 DatabaseUnavailable`, `ECONNRESET`; empty while it runs. */
  readonly answer: string;
}

export interface AnswerTally {
  readonly count: number;
  readonly slowestMs: number;
}

/** How many of the newest operations are kept whole; the tally counts all. */
const recentMax = 5_000;

/** Every operation as invoke and ok, fail or info, in memory that does not grow with the length of the run. */
export class OperationLog {
  readonly #recent: Operation[] = [];
  readonly #tally = new Map<string, AnswerTally>();
  #count = 0;
  #running = 0;

  invoke(call: Pick<Operation, 'kind' | 'client' | 'gateway' | 'filename'>): Operation {
    const operation: Operation = {
      ...call,
      number: ++this.#count,
      invokedAtMs: performance.now(),
      endedAtMs: null,
      outcome: 'running',
      answer: '',
    };
    this.#running += 1;
    this.#recent.push(operation);
    if (this.#recent.length > 2 * recentMax) this.#recent.splice(0, recentMax);
    return operation;
  }

  /** Writes the end into the operation itself, so that whoever holds it sees it. */
  end(operation: Operation, outcome: Exclude<Outcome, 'running'>, answer: string): void {
    const endedAtMs = performance.now();
    Object.assign(operation, { endedAtMs, outcome, answer });
    this.#running -= 1;
    const key = `${operation.kind} ${answer}`;
    const before = this.#tally.get(key) ?? { count: 0, slowestMs: 0 };
    const slowestMs = Math.max(before.slowestMs, endedAtMs - operation.invokedAtMs);
    this.#tally.set(key, { count: before.count + 1, slowestMs });
  }

  /** All that were invoked. */
  get count(): number {
    return this.#count;
  }

  get running(): number {
    return this.#running;
  }

  /** The newest, oldest first. */
  get recent(): readonly Operation[] {
    return this.#recent;
  }

  /** By kind and answer, such as `upload 503 DatabaseUnavailable`. */
  get tally(): ReadonlyMap<string, AnswerTally> {
    return this.#tally;
  }
}

/** One line for a failure message. */
export function describeOperation(operation: Operation): string {
  const { number, invokedAtMs, endedAtMs, client, kind, filename, gateway, outcome, answer } = operation;
  const until = endedAtMs === null ? '…' : `${seconds(endedAtMs)} s`;
  const what = [kind, filename].filter((word) => word !== '').join(' ');
  return `#${number} ${seconds(invokedAtMs)} s - ${until}  ${client} ${what} at ${gateway} -> ${outcome} ${answer}`.trimEnd();
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
