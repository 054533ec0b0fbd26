import type { RestClient, Upload } from '../clients/rest-client.ts';
import type { RestError } from '../clients/rest-types.ts';
import { seededBytes } from '../seed/seeded-bytes.ts';
import { verifySeeded } from '../seed/verify-seeded.ts';
import { type Ledger, type LedgerEntry, mayBeGone, wasDeletedBefore } from './ledger.ts';
import type { Operation, OperationKind } from './operation-log.ts';
import type { SeededFile } from './seeded-file.ts';

export interface RecordedClientOptions {
  readonly name: string;
  /** An operation without an answer by then is given up; it is counted as `NoAnswer`. Default one minute. */
  readonly operationDeadlineMs?: number;
}

const defaultDeadlineMs = 60_000;
const listPageSize = 100;

/** A client whose every call is in the ledger, and whose every answer is held against it. It never throws for one. */
export class RecordedClient {
  readonly #ledger: Ledger;
  readonly #rest: RestClient;
  readonly #name: string;
  readonly #deadlineMs: number;

  constructor(ledger: Ledger, rest: RestClient, options: RecordedClientOptions) {
    this.#ledger = ledger;
    this.#rest = rest;
    this.#name = options.name;
    this.#deadlineMs = options.operationDeadlineMs ?? defaultDeadlineMs;
  }

  /** `how` replaces parts of the upload: a body that stops on the way, a signal. */
  async upload(file: SeededFile, how: Partial<Upload> = {}): Promise<LedgerEntry> {
    const operation = this.#invoke('upload', file.filename);
    const entry = this.#ledger.uploading(file, operation);
    const signal = this.#signal(how.signal);
    try {
      const { filename, sizeBytes } = file;
      const data = seededBytes(file.seed, sizeBytes);
      const { status, body, error } = await this.#rest.upload({ data, sizeBytes, ...how, filename, signal });
      // Only a 4xx says for sure that nothing was stored: behind a 5xx a commit may have taken effect.
      const state = status === 201 ? 'ok' : status < 500 ? 'fail' : 'info';
      this.#end(operation, state, status, error);
      if (status !== 201) {
        this.#ledger.notUploaded(entry, state === 'fail' ? 'refused' : 'unsure');
        return entry;
      }
      const { file_id, size } = body ?? {};
      // Without an id nobody can ask for it; that it is there, the list must show.
      if (file_id === undefined) this.#ledger.notUploaded(entry, 'unsure');
      else this.#ledger.uploaded(entry, file_id);
      if (file_id === undefined || size !== sizeBytes) {
        const how = file_id === undefined ? 'without an id, with' : 'with';
        this.#ledger.violation(`${filename} has ${sizeBytes} bytes and was acknowledged ${how} ${size}`, operation);
      }
    } catch (error) {
      this.#broken(operation, error);
      this.#ledger.notUploaded(entry, 'unsure');
    }
    return entry;
  }

  async download(entry: LedgerEntry): Promise<Operation> {
    const operation = this.#invoke('download', entry.file.filename);
    const { file } = entry;
    try {
      const { status, stream, headers } = await this.#rest.download(String(entry.fileId), { signal: this.#signal() });
      if (status === 200) {
        if (headers['content-length'] !== String(file.sizeBytes)) {
          const found = headers['content-length'] ?? 'no length';
          this.#ledger.violation(`${file.filename} has ${file.sizeBytes} bytes, the answer says ${found}`, operation);
        }
        const verdict = await verifySeeded(stream, file.seed, file.sizeBytes);
        this.#end(operation, 'ok', status, null);
        if (!verdict.isWhole) this.#ledger.violation(`${file.filename}: ${verdict.message}`, operation, entry.upload);
        if (wasDeletedBefore(entry, operation)) this.#undead(entry, operation);
        return operation;
      }
      const error = await errorOf(stream);
      this.#end(operation, status === 404 && mayBeGone(entry) ? 'ok' : 'fail', status, error);
      if (status === 404 && !mayBeGone(entry)) this.#lost(entry, operation);
    } catch (error) {
      this.#broken(operation, error);
    }
    return operation;
  }

  async delete(entry: LedgerEntry): Promise<Operation> {
    const operation = this.#invoke('delete', entry.file.filename);
    this.#ledger.deleting(entry, operation);
    try {
      const { status, error } = await this.#rest.delete(String(entry.fileId), { signal: this.#signal() });
      this.#end(operation, status === 200 ? 'ok' : status < 500 ? 'fail' : 'info', status, error);
      if (status === 200) this.#ledger.deleted(entry);
      if (status === 404) this.#lost(entry, operation);
    } catch (error) {
      this.#broken(operation, error);
    }
    return operation;
  }

  /** One page. What it shows of this ledger's files must be so. */
  async list(page = 1): Promise<Operation> {
    const operation = this.#invoke('list', '');
    try {
      const query = { page, perPage: listPageSize };
      const { status, body, error } = await this.#rest.list(query, { signal: this.#signal() });
      this.#end(operation, status === 200 ? 'ok' : 'fail', status, error);
      if (status !== 200) return operation;
      if (!Array.isArray(body?.files)) {
        this.#ledger.violation('a list was answered with 200, and names no files', operation);
        return operation;
      }
      for (const { filename, size, upload_status } of body.files) {
        const entry = this.#ledger.entryOf(filename);
        if (entry === undefined) continue;
        if (wasDeletedBefore(entry, operation)) this.#undead(entry, operation);
        if (size !== entry.file.sizeBytes || upload_status !== 'completed') {
          this.#ledger.violation(
            `${filename} is listed as ${upload_status} with ${size} bytes`,
            operation,
            entry.upload,
          );
        }
      }
    } catch (error) {
      this.#broken(operation, error);
    }
    return operation;
  }

  #lost(entry: LedgerEntry, operation: Operation): void {
    this.#ledger.violation(`${entry.file.filename} was acknowledged and is gone`, entry.upload, operation);
  }

  #undead({ file, deletion }: LedgerEntry, operation: Operation): void {
    this.#ledger.violation(`${file.filename} was there after its delete was acknowledged`, deletion, operation);
  }

  #invoke(kind: OperationKind, filename: string): Operation {
    return this.#ledger.log.invoke({ kind, client: this.#name, gateway: this.#rest.base.host, filename });
  }

  #end(operation: Operation, outcome: 'ok' | 'fail' | 'info', status: number, error: RestError | null): void {
    this.#ledger.log.end(operation, outcome, error === null ? String(status) : `${status} ${error.code}`);
  }

  /** The connection broke, or no answer came in time. A read that did not happen has failed; of a write nobody knows. */
  #broken(operation: Operation, error: unknown): void {
    const isRead = operation.kind === 'download' || operation.kind === 'list';
    this.#ledger.log.end(operation, isRead ? 'fail' : 'info', codeOf(error));
  }

  #signal(given?: AbortSignal): AbortSignal {
    const deadline = AbortSignal.timeout(this.#deadlineMs);
    return given === undefined ? deadline : AbortSignal.any([deadline, given]);
  }
}

/** What an abort at the deadline, or by the caller, is called in the tally. */
const noAnswer = 'NoAnswer';

/** Classified by code, never by the text of a message. */
function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (name === 'AbortError' || name === 'TimeoutError' || code === 'ABORT_ERR') return noAnswer;
  return typeof code === 'string' ? code : String(name);
}

async function errorOf(stream: AsyncIterable<Buffer>): Promise<RestError | null> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  try {
    return JSON.parse(Buffer.concat(pieces).toString()) as RestError;
  } catch {
    return null;
  }
}
