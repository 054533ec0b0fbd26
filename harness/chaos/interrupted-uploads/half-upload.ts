import { setTimeout as pause } from 'node:timers/promises';
import { defaultBoundary } from '../../kit/clients/multipart.ts';
import { hostLines, RawConnection } from '../../kit/clients/raw-http.ts';
import { expectedRange } from '../../kit/seed/seeded-bytes.ts';
import type { Ledger, LedgerEntry } from '../../kit/workloads/ledger.ts';

/** An upload over a plain socket, which sends what it is told to and no more, and is in the ledger like any other. */
export class HalfUpload {
  readonly entry: LedgerEntry;
  readonly #ledger: Ledger;
  readonly #connection: RawConnection;
  #sentBytes = 0;
  #isWhole = false;

  static async begin(ledger: Ledger, gateway: URL, sizeBytes: number): Promise<HalfUpload> {
    const upload = new HalfUpload(ledger, gateway, sizeBytes, await RawConnection.open(gateway));
    upload.#sendHead(gateway);
    return upload;
  }

  private constructor(ledger: Ledger, gateway: URL, sizeBytes: number, connection: RawConnection) {
    const file = ledger.newFile(sizeBytes);
    const { filename } = file;
    const operation = ledger.log.invoke({ kind: 'upload', client: 'socket', gateway: gateway.host, filename });
    this.entry = ledger.uploading(file, operation);
    this.#ledger = ledger;
    this.#connection = connection;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Sends the file up to this offset. */
  sendTo(offset: number): void {
    const { seed } = this.entry.file;
    this.#connection.send(expectedRange(seed, this.#sentBytes, offset - this.#sentBytes));
    this.#sentBytes = offset;
  }

  sendOneByte(): void {
    this.sendTo(this.#sentBytes + 1);
  }

  /** One byte a second, for so long. */
  async trickle(forMs: number): Promise<void> {
    for (let sentMs = 0; sentMs < forMs; sentMs += 1_000) {
      this.sendOneByte();
      await pause(1_000);
    }
  }

  /** Sends all that is missing, to the last byte of the body. */
  sendRest(): void {
    this.sendTo(this.entry.file.sizeBytes);
    this.#connection.send(ending);
    this.#isWhole = true;
  }

  /** Says that nothing more comes, and closes. */
  close(): void {
    this.#connection.endSending();
    this.#left('closed by the client');
  }

  reset(): void {
    this.#connection.reset();
    this.#left('reset by the client');
  }

  /** Waits for an answer, or for the end of the connection. Gives the status; null when none came. */
  async answer(withinMs: number): Promise<number | null> {
    const answer = await this.#connection.answer(withinMs);
    // The gateway lets a refused client send on for a while; this one has seen the answer and goes.
    this.#connection[Symbol.dispose]();
    if (answer?.status !== 201) {
      this.#left(answer === null ? 'no answer' : String(answer.status));
      return answer?.status ?? null;
    }
    this.#ledger.log.end(this.entry.upload, 'ok', '201');
    this.#ledger.uploaded(this.entry, JSON.parse(answer.body).file_id);
    return 201;
  }

  /** What was not sent to the end cannot be there; of what was, nobody knows. */
  #left(how: string): void {
    this.#ledger.log.end(this.entry.upload, 'info', how);
    this.#ledger.notUploaded(this.entry, this.#isWhole ? 'unsure' : 'refused');
  }

  #sendHead(gateway: URL): void {
    const { filename, sizeBytes } = this.entry.file;
    const opening = [
      `--${defaultBoundary}`,
      `Content-Disposition: form-data; name="file"; filename="${filename}"`,
      'Content-Type: application/octet-stream',
      '\r\n',
    ].join('\r\n');
    const head = [
      'POST /files HTTP/1.1',
      ...hostLines(gateway),
      `Content-Type: multipart/form-data; boundary=${defaultBoundary}`,
      `Content-Length: ${opening.length + sizeBytes + ending.length}`,
      '\r\n',
    ].join('\r\n');
    this.#connection.send(head + opening);
  }
}

const ending = `\r\n--${defaultBoundary}--\r\n`;
