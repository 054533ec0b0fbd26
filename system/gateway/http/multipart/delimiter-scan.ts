/**
 * Splits a stream of byte pieces at a delimiter, without copying: what it hands out are views of the pieces that came
 * in. Only a tail that could be the beginning of the delimiter is held back.
 */
export class DelimiterScan {
  readonly #delimiter: Buffer;
  /** Unread bytes. Never more than one piece and one delimiter. */
  #rest: Buffer;

  constructor(delimiter: string, rest: Buffer) {
    this.#delimiter = Buffer.from(delimiter, 'latin1');
    this.#rest = rest;
  }

  push(piece: Buffer): void {
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
  }

  get restBytes(): number {
    return this.#rest.length;
  }

  /** What is left unread; taking it empties the scan. */
  takeRest(): Buffer {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest;
  }

  /**
   * Bytes that certainly come before the delimiter (possibly none), and whether the delimiter follows them; it
   * is then consumed.
   */
  take(): { data: Buffer; found: boolean } {
    const at = this.#rest.indexOf(this.#delimiter);
    const end = at >= 0 ? at : this.#rest.length - this.#heldBack();
    const data = this.#rest.subarray(0, end);
    this.#rest = this.#rest.subarray(at >= 0 ? at + this.#delimiter.length : end);
    return { data, found: at >= 0 };
  }

  /** How many of the last bytes could be the beginning of a delimiter that the next piece completes. */
  #heldBack(): number {
    const first = this.#delimiter[0] ?? 0;
    let from = Math.max(0, this.#rest.length - this.#delimiter.length + 1);
    for (;;) {
      const at = this.#rest.indexOf(first, from);
      if (at < 0) return 0;
      const tail = this.#rest.length - at;
      if (this.#rest.compare(this.#delimiter, 0, tail, at) === 0) return tail;
      from = at + 1;
    }
  }
}
