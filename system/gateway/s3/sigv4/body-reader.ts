import { S3Error, type S3ErrorCode } from '../errors.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const nothing = Buffer.alloc(0);

/** Takes a body apart at lines and at counts of bytes. What it returns are views of the pieces that came. */
export class BodyReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = nothing;

  constructor(body: AsyncIterable<Buffer>) {
    this.#pieces = body[Symbol.asyncIterator]();
  }

  /**
   * The next line, without its end, which is CR LF or LF alone; undefined when the body ends before it.
   * Throws `tooLong` when it is longer than `bytesMax`, and IncompleteBody when the body ends within it.
   */
  async line(bytesMax: number, tooLong: S3ErrorCode = 'InvalidRequest'): Promise<string | undefined> {
    let line = '';
    for (;;) {
      const end = this.#rest.indexOf(LINE_FEED);
      const bytes = end === -1 ? this.#rest.length : end;
      if (line.length + bytes > bytesMax) throw new S3Error(tooLong, 'A line of the chunked body is too long.');
      line += this.#rest.toString('latin1', 0, bytes);
      this.#rest = this.#rest.subarray(end === -1 ? bytes : end + 1);
      if (end !== -1) return line.charCodeAt(line.length - 1) === CARRIAGE_RETURN ? line.slice(0, -1) : line;
      if (await this.#more()) continue;
      if (line === '') return undefined;
      throw new S3Error('IncompleteBody');
    }
  }

  /** Between 1 and `bytesMax` bytes, as many as are here. Throws IncompleteBody when the body has ended. */
  async some(bytesMax: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      if (!(await this.#more())) throw new S3Error('IncompleteBody');
    }
    const taken = this.#rest.subarray(0, bytesMax);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  /** Lets the source go when its end was not reached. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #more(): Promise<boolean> {
    const next = await this.#pieces.next();
    if (next.done) return false;
    this.#rest = next.value;
    return true;
  }
}
