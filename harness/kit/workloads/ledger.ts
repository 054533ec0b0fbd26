import { describeOperation, type Operation, OperationLog } from './operation-log.ts';
import type { SeededFile } from './seeded-file.ts';

/**
 * What a store owes for one file. `acknowledged`: it is there, whole, until a delete begins. `unsure`: the upload
 * may have happened, whole, or not at all. `refused`: the client was told that it did not happen.
 */
export interface LedgerEntry {
  readonly file: SeededFile;
  readonly upload: Operation;
  readonly state: 'uploading' | 'acknowledged' | 'unsure' | 'refused';
  /** Known once the upload is acknowledged. */
  readonly fileId: string | null;
  /** The only one there is. Once it has answered `ok` the file is gone for ever. */
  readonly deletion: Operation | null;
}

/** A promise that was broken, and the operations that show it. */
export interface Violation {
  readonly what: string;
  readonly operations: readonly Operation[];
}

const violationsMax = 100;
/** Files that were deleted long ago are forgotten: a list that names one is told by the name alone. */
const deletedMax = 1_000;

/**
 * Remembers what was promised to the clients of a run, and judges every answer by it. It holds names, seeds and
 * states, never content, and forgets what no longer binds the store; so it can run for hours.
 */
export class Ledger {
  readonly log = new OperationLog();
  /** Every file of this ledger has a name that begins so, and no other file has. */
  readonly prefix: string;
  readonly #entries = new Map<string, LedgerEntry>();
  readonly #violations: Violation[] = [];
  readonly #deleted: string[] = [];
  #files = 0;
  #acknowledged = 0;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** A file that has not been there before. Its name is its seed. */
  newFile(sizeBytes: number): SeededFile {
    const filename = `${this.prefix}.${++this.#files}`;
    return { seed: filename, filename, sizeBytes };
  }

  get entries(): Iterable<LedgerEntry> {
    return this.#entries.values();
  }

  entryOf(filename: string): LedgerEntry | undefined {
    return this.#entries.get(filename);
  }

  get violations(): readonly Violation[] {
    return this.#violations;
  }

  /** Uploads that were acknowledged since the beginning. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  uploading(file: SeededFile, upload: Operation): LedgerEntry {
    const entry: LedgerEntry = { file, upload, state: 'uploading', fileId: null, deletion: null };
    this.#entries.set(file.filename, entry);
    return entry;
  }

  uploaded(entry: LedgerEntry, fileId: string): void {
    this.#acknowledged += 1;
    Object.assign(entry, { state: 'acknowledged', fileId });
  }

  notUploaded(entry: LedgerEntry, state: 'unsure' | 'refused'): void {
    Object.assign(entry, { state });
  }

  deleting(entry: LedgerEntry, deletion: Operation): void {
    if (entry.deletion !== null) throw new Error(`${entry.file.filename} is being deleted a second time`);
    Object.assign(entry, { deletion });
  }

  /** Called when the delete has answered with success. */
  deleted(entry: LedgerEntry): void {
    this.#deleted.push(entry.file.filename);
    const oldest = this.#deleted.length > deletedMax ? this.#deleted.shift() : undefined;
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  violation(what: string, ...operations: (Operation | null | undefined)[]): void {
    const shown = operations.filter((one) => one !== null && one !== undefined);
    if (this.#violations.length < violationsMax) this.#violations.push({ what, operations: shown });
  }
}

/** Whether a delete of the file had been acknowledged before `operation` began. */
export function wasDeletedBefore(entry: LedgerEntry, operation: Operation): boolean {
  const { deletion } = entry;
  return deletion?.outcome === 'ok' && (deletion.endedAtMs ?? Number.POSITIVE_INFINITY) <= operation.invokedAtMs;
}

/** Whether a delete was sent that has happened, or may have. */
export function mayBeGone({ deletion }: LedgerEntry): boolean {
  return deletion !== null && deletion.outcome !== 'fail';
}

/** One violation in some lines, for a failure message. */
export function describeViolation({ what, operations }: Violation): string {
  return [what, ...operations.map((one) => `    ${describeOperation(one)}`)].join('\n');
}
