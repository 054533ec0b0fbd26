import { closeSync, openSync, writeSync } from 'node:fs';
import type { Call, EndEvent, HistoryEvent, RunEvent } from './events.ts';

/** What is held back in memory at most: a run that is killed loses no more than this. */
const flushed: ReadonlySet<HistoryEvent['type']> = new Set(['phase', 'exit', 'recovered', 'not recovered']);
const heldCharsMax = 64 * 1024;

/** What an event says beside the moment of it, which the recorder knows. */
type Untimed<Event> = Event extends HistoryEvent ? Omit<Event, 'at'> : never;

/** How an operation ended. */
export type Outcome = Omit<EndEvent, 'at' | 'op'>;

/**
 * Writes the history of one run: JSON lines, in the order in which they are told, each at the moment at which it is told.
 * It writes at once or holds back a little, so that nothing ever waits for it.
 */
export class Recorder implements Disposable {
  readonly #beganMs = performance.now();
  readonly #running = new Set<number>();
  #file: number | null;
  #held = '';
  #operations = 0;

  /** Replaces the file. */
  constructor(file: string, run: Pick<RunEvent, 'seed' | 'scenario'>) {
    this.#file = openSync(file, 'w');
    this.write({ type: 'run', format: 1, ...run, startedAt: new Date().toISOString() });
  }

  /** Before the request is sent. Gives back the number of the operation. */
  invoke(invocation: { readonly process: string; readonly node: string; readonly call: Call }): number {
    const op = ++this.#operations;
    this.#running.add(op);
    this.write({ type: 'invoke', op, ...invocation });
    return op;
  }

  /** Once for each operation, after its answer. */
  end(op: number, { type, answer, trace, seen }: Outcome): void {
    if (!this.#running.delete(op)) throw new Error(`operation ${op} does not run, so it cannot end`);
    this.write({ type, op, answer, trace, seen });
  }

  /** What ends or begins a phase, and the end of a process, is on the disk's side of the process at once. */
  write(event: Untimed<HistoryEvent>): void {
    const { type, ...rest } = event;
    const at = Math.floor((performance.now() - this.#beganMs) * 1000);
    this.#held += `${JSON.stringify({ type, at, ...rest })}\n`;
    if (this.#held.length > heldCharsMax || flushed.has(type)) this.flush();
  }

  flush(): void {
    if (this.#file === null) throw new Error('the history is closed, so nothing can be added to it');
    for (let left = Buffer.from(this.#held); left.length > 0; ) left = left.subarray(writeSync(this.#file, left));
    this.#held = '';
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#file === null) return;
    this.flush();
    closeSync(this.#file);
    this.#file = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
