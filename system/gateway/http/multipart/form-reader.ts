import { KiB } from '../../../common/bytes.ts';
import { DelimiterScan } from './delimiter-scan.ts';
import { malformed, type PartHeaders, parsePartHeaders } from './part-headers.ts';

const HEADER_BLOCK_BYTES_MAX = 16 * KiB;
const PREAMBLE_BYTES_MAX = 4 * KiB;
const EPILOGUE_BYTES_MAX = 64 * KiB;
const PARTS_MAX = 100;

/** One part of a form. Its body must be read to the end before the next part is asked for. */
export interface FormPart extends PartHeaders {
  readonly body: AsyncIterable<Buffer>;
}

/** The boundary of a multipart/form-data Content-Type (RFC 2046 section 5.1.1); undefined when it has none that is legal. */
export function formBoundary(contentType: string): string | undefined {
  const match = /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2] ?? '';
  return /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/.test(boundary) ? boundary : undefined;
}

/**
 * Reads a multipart/form-data body part by part, in constant memory. Throws
 * StoreError InvalidRequest when the form is malformed or ends before its closing delimiter.
 */
export class FormReader {
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #boundary: string;
  #scan: DelimiterScan;
  #consumedBytes = 0;
  #parts = 0;
  #state: 'preamble' | 'body' | 'between' | 'closed' = 'preamble';

  constructor(body: AsyncIterable<Buffer>, boundary: string) {
    this.#pieces = body[Symbol.asyncIterator]();
    this.#boundary = boundary;
    // The first delimiter may stand at the very beginning, without a line break before it.
    this.#scan = new DelimiterScan(`\r\n--${boundary}`, Buffer.from('\r\n'));
  }

  /** How far into the request the reader is, in bytes; behind the headers of a part whose body has not been begun. */
  get position(): number {
    return this.#consumedBytes - this.#scan.restBytes;
  }

  /** The next part; undefined after the last, once the whole request has been read. */
  async nextPart(): Promise<FormPart | undefined> {
    if (this.#state === 'preamble') await this.#skipPreamble();
    if (this.#state === 'body') throw new Error('the body of the part before was not read to its end');
    if (this.#state === 'closed' || (await this.#isClosing())) return undefined;
    if (++this.#parts > PARTS_MAX) throw malformed(`more than ${PARTS_MAX} parts`);
    const headers = parsePartHeaders(await this.#headerBlock());
    this.#state = 'body';
    return { ...headers, body: this.#partBody() };
  }

  async #skipPreamble(): Promise<void> {
    let skipped = 0;
    for (;;) {
      const { data, found } = this.#scan.take();
      skipped += data.length;
      if (found) break;
      if (skipped > PREAMBLE_BYTES_MAX) throw malformed('it does not begin with its boundary');
      if (!(await this.#more())) throw malformed('its boundary does not occur in it');
    }
    this.#state = 'between';
  }

  /** Behind a delimiter: `--` closes the form, a line break begins a part. */
  async #isClosing(): Promise<boolean> {
    const mark = await this.#exactly(2);
    if (mark.equals(Buffer.from('--'))) {
      await this.#skipEpilogue();
      return true;
    }
    // Padding of blanks behind a boundary is legal (RFC 2046 section 5.1.1) and unknown among clients.
    if (!mark.equals(Buffer.from('\r\n'))) throw malformed('a boundary is not followed by a line break');
    return false;
  }

  async #skipEpilogue(): Promise<void> {
    let skipped = this.#scan.takeRest().length;
    while (await this.#more()) {
      skipped += this.#scan.takeRest().length;
      if (skipped > EPILOGUE_BYTES_MAX) throw malformed('it goes on after its closing boundary');
    }
    this.#state = 'closed';
  }

  async #headerBlock(): Promise<Buffer> {
    const lines = new DelimiterScan('\r\n\r\n', this.#scan.takeRest());
    const block: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const { data, found } = lines.take();
      block.push(Buffer.from(data));
      bytes += data.length;
      if (bytes > HEADER_BLOCK_BYTES_MAX) throw malformed('the headers of a part are too long');
      if (found) break;
      if (!(await this.#more())) throw endedEarly();
      lines.push(this.#scan.takeRest());
    }
    // Every body, an empty one too, has a line break of its own in front of the delimiter that ends it.
    this.#scan = new DelimiterScan(`\r\n--${this.#boundary}`, lines.takeRest());
    return Buffer.concat(block);
  }

  async *#partBody(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const { data, found } = this.#scan.take();
      if (data.length > 0) yield data;
      if (found) break;
      if (!(await this.#more())) throw endedEarly();
    }
    this.#state = 'between';
  }

  async #exactly(bytes: number): Promise<Buffer> {
    let have = this.#scan.takeRest();
    while (have.length < bytes) {
      if (!(await this.#more())) throw endedEarly();
      have = Buffer.concat([have, this.#scan.takeRest()]);
    }
    this.#scan.push(have.subarray(bytes));
    return have.subarray(0, bytes);
  }

  async #more(): Promise<boolean> {
    const next = await this.#pieces.next();
    if (next.done) return false;
    this.#consumedBytes += next.value.length;
    this.#scan.push(next.value);
    return true;
  }
}

function endedEarly() {
  return malformed('it ends before its closing boundary');
}
