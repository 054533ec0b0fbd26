import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface WireAnswer {
  readonly status: number;
  /** With its quotation marks; empty when there is none. */
  readonly etag: string;
  readonly bodyBytes: number;
  /** Whether the body was, byte for byte, the one that was expected. */
  readonly isAsExpected: boolean;
  /** The beginning of an error's document. */
  readonly complaint: string;
}

export interface WireRequest {
  /** Request line and headers with the empty line that ends them. */
  readonly head: string;
  readonly body?: Uint8Array;
  /** What the answer's body must be; the answer to HEAD has none. */
  readonly expected?: Uint8Array;
  readonly isHead?: boolean;
}

const bufferBytes = 2 ** 18;
const headBytesMax = 2 ** 14;
const complaintCharsMax = 1000;
const idleTimeoutMs = 60_000;
const nothing = new Uint8Array();

/**
 * HTTP/1.1 as far as measuring needs it: one request after the other on one connection, answers with a Content-Length.
 * Node's own client takes twice the CPU time of a small request, on the cores of the store that is measured; this one
 * reads into one buffer and keeps nothing.
 */
export class WireConnection implements Disposable {
  readonly #socket: Socket;
  #reading: Reading | undefined;

  static async open(base: URL): Promise<WireConnection> {
    const connection = new WireConnection(base);
    await once(connection.#socket, 'connect');
    return connection;
  }

  private constructor(base: URL) {
    const onread = {
      buffer: Buffer.allocUnsafe(bufferBytes),
      callback: (size: number, buffer: Uint8Array) => this.#take(buffer as Buffer, size),
    };
    const port = Number(base.port || 80);
    this.#socket = connect({ host: base.hostname, port, noDelay: true, onread });
    this.#socket.setTimeout(idleTimeoutMs, () => {
      this.#socket.destroy(new Error(`no byte moved for ${idleTimeoutMs / 1000} s`));
    });
    this.#socket.on('error', (error) => this.#reading?.reject(error));
    this.#socket.on('close', () => this.#reading?.reject(new Error('the store closed the connection')));
  }

  send({ head, body, expected = nothing, isHead = false }: WireRequest): Promise<WireAnswer> {
    if (this.#reading !== undefined) throw new Error('a connection carries one request at a time');
    return new Promise((resolve, reject) => {
      this.#reading = new Reading(resolve, reject, expected, isHead);
      if (this.#socket.destroyed) return reject(new Error('the store closed the connection'));
      this.#socket.cork();
      this.#socket.write(head, 'latin1');
      if (body !== undefined) this.#socket.write(body);
      this.#socket.uncork();
    });
  }

  [Symbol.dispose](): void {
    this.#reading = undefined;
    this.#socket.destroy();
  }

  #take(buffer: Buffer, size: number): boolean {
    const reading = this.#reading;
    if (reading === undefined) {
      this.#socket.destroy(new Error('the store sent what nobody asked for'));
      return false;
    }
    try {
      if (!reading.take(buffer.subarray(0, size))) return true;
      this.#reading = undefined;
      reading.resolve(reading.answer());
    } catch (error) {
      this.#socket.destroy(error as Error);
    }
    return true;
  }
}

/** One answer while it comes in. */
class Reading {
  readonly resolve: (answer: WireAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly #expected: Uint8Array;
  readonly #isHead: boolean;
  #head = '';
  #status = 0;
  #etag = '';
  /** Known once the head has come. */
  #bodyBytesWanted: number | undefined;
  #bodyBytes = 0;
  #isAsExpected = true;
  #complaint = '';

  constructor(
    resolve: (answer: WireAnswer) => void,
    reject: (error: Error) => void,
    expected: Uint8Array,
    isHead: boolean,
  ) {
    this.resolve = resolve;
    this.reject = reject;
    this.#expected = expected;
    this.#isHead = isHead;
  }

  /** True when the answer is complete. */
  take(piece: Buffer): boolean {
    if (this.#bodyBytesWanted !== undefined) this.#takeBody(piece);
    else if (!this.#takeHead(piece)) return false;
    return this.#bodyBytes >= (this.#bodyBytesWanted ?? 0);
  }

  answer(): WireAnswer {
    return {
      status: this.#status,
      etag: this.#etag,
      bodyBytes: this.#bodyBytes,
      isAsExpected: this.#isAsExpected && this.#bodyBytes === this.#expected.length,
      complaint: this.#complaint,
    };
  }

  #takeHead(piece: Buffer): boolean {
    const before = this.#head.length;
    this.#head += piece.toString('latin1', 0, headBytesMax);
    const end = this.#head.indexOf('\r\n\r\n');
    if (end === -1) {
      if (this.#head.length >= headBytesMax) throw new Error(`a head of more than ${headBytesMax} bytes came`);
      return false;
    }
    this.#parse(this.#head.slice(0, end + 2));
    this.#takeBody(piece.subarray(end + 4 - before));
    return true;
  }

  #parse(head: string): void {
    this.#status = Number(head.slice(9, 12));
    this.#etag = headerValue(head, etagLine) ?? '';
    const hasNoBody = this.#isHead || this.#status === 204 || this.#status === 304;
    const length = hasNoBody ? '0' : headerValue(head, lengthLine);
    if (length === undefined) throw new Error(`an answer without a Content-Length came: ${head}`);
    this.#bodyBytesWanted = Number(length);
  }

  #takeBody(piece: Buffer): void {
    const at = this.#bodyBytes;
    this.#bodyBytes += piece.length;
    if (this.#status >= 300) this.#complaint = (this.#complaint + piece.toString('latin1')).slice(0, complaintCharsMax);
    else if (this.#bodyBytes > this.#expected.length) this.#isAsExpected = false;
    else if (piece.compare(this.#expected, at, this.#bodyBytes) !== 0) this.#isAsExpected = false;
  }
}

const etagLine = /\r\netag: *([^\r]*)\r\n/i;
const lengthLine = /\r\ncontent-length: *(\d+)\r\n/i;

function headerValue(head: string, line: RegExp): string | undefined {
  return line.exec(head)?.[1];
}
