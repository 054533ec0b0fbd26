import type { ByteRange, Content } from '../history/events.ts';
import type { KnownValues } from './known-values.ts';
import { contentFrom, headBytesMax, namedBy, type Value } from './value-content.ts';

export interface ExpectedContent {
  /** Of the answer. */
  readonly etag: string | undefined;
  readonly version: string | null;
  /** That was asked for; null: everything. */
  readonly range: ByteRange | null;
  /** Content-Range, as it came. */
  readonly contentRange: string | undefined;
}

/**
 * Finds out whose bytes an answer carries, and whether they all are, while they pass by. A whole content names its value
 * itself; of a range only the ETag tells.
 */
export class ValueVerifier {
  readonly #known: KnownValues;
  readonly #expected: ExpectedContent;
  readonly #offset: number;
  /** The first bytes, until it is known whose they are. */
  #held: Buffer | null = Buffer.alloc(0);
  #value: Value | null = null;
  #next: ((lengthBytes: number) => Buffer) | null = null;
  #receivedBytes = 0;
  #wrong: string | null = null;

  constructor(known: KnownValues, expected: ExpectedContent) {
    this.#known = known;
    this.#expected = expected;
    this.#offset = expected.range?.first ?? 0;
  }

  /** Once something is wrong, more bytes tell nothing new. */
  get isWrong(): boolean {
    return this.#wrong !== null;
  }

  push(piece: Buffer): void {
    if (this.#held === null) return this.#compare(piece);
    this.#held = Buffer.concat([this.#held, piece]);
    if (this.#held.length >= headBytesMax) this.#identify();
  }

  /** The answer is complete. */
  end(): Content {
    if (this.#held !== null) this.#identify();
    if (this.#value !== null) {
      const wholeBytes = expectedBytes(this.#value, this.#expected.range);
      if (this.#receivedBytes < wholeBytes) this.#fail(`only ${this.#receivedBytes} of ${wholeBytes} bytes came`);
      this.#compareHeaders(this.#value);
    }
    return this.#content();
  }

  #compareHeaders(value: Value): void {
    const { etag, range, contentRange } = this.#expected;
    const named = this.#known.valueOfEtag(etag);
    if (named === null) this.#fail(`no value of this run has its ETag, ${etag}`);
    else if (named.id !== value.id) this.#fail(`its ETag is that of ${named.id}`);
    if (range === null) return;
    const wanted = `bytes ${range.first}-${Math.min(range.last, value.bytes - 1)}/${value.bytes}`;
    if (contentRange !== wanted) this.#fail(`its range is ${contentRange} and must be ${wanted}`);
  }

  #identify(): void {
    const held = this.#held ?? Buffer.alloc(0);
    this.#held = null;
    const { range, etag } = this.#expected;
    const name = range === null ? namedBy(held) : null;
    const byBytes = name === null ? null : this.#known.value(name);
    const byWholeContent = range === null ? this.#known.shortValue(held) : null;
    this.#value = byBytes ?? byWholeContent ?? this.#known.valueOfEtag(etag);
    if (this.#value === null) {
      return this.#fail(
        name === null ? `neither bytes nor ETag (${etag}) are of this run` : `there is no value ${name}`,
      );
    }
    this.#next = contentFrom(this.#value, this.#offset);
    this.#compare(held);
  }

  #compare(piece: Buffer): void {
    if (this.#value === null || this.#next === null || this.isWrong) return;
    const wholeBytes = expectedBytes(this.#value, this.#expected.range);
    const within = piece.subarray(0, wholeBytes - this.#receivedBytes);
    const wanted = this.#next(within.length);
    if (!within.equals(wanted)) {
      const index = within.findIndex((byte, at) => byte !== wanted[at]);
      const at = this.#offset + this.#receivedBytes + index;
      return this.#fail(`byte ${at} is ${hex(within[index])} and must be ${hex(wanted[index])}`);
    }
    this.#receivedBytes += within.length;
    if (within.length < piece.length) this.#fail(`more than ${wholeBytes} bytes came`);
  }

  /** The first thing that is wrong counts. */
  #fail(wrong: string): void {
    this.#wrong ??= wrong;
  }

  #content(): Content {
    return { kind: 'content', value: this.#value?.id ?? null, version: this.#expected.version, wrong: this.#wrong };
  }
}

function expectedBytes({ bytes }: Value, range: ByteRange | null): number {
  return range === null ? bytes : Math.max(0, Math.min(range.last + 1, bytes) - range.first);
}

function hex(byte: number | undefined): string {
  return `0x${(byte ?? 0).toString(16).padStart(2, '0')}`;
}
