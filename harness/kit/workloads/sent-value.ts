import { createHash } from 'node:crypto';
import { contentPieces, type Value } from './value-content.ts';

/** Bytes of a value on their way to the store, and the digest of what was handed over. May be read once. */
export class SentValue {
  readonly #sizeBytes: number;
  readonly #pieces: Iterable<Buffer>;
  readonly #hash;
  readonly #onWhole: (digest: string) => void;
  #digest: string | null = null;

  /** `onWhole` is told the digest, in hexadecimal, before the last piece is handed over. */
  constructor(
    value: Value,
    { algorithm, onWhole }: { readonly algorithm: 'md5' | 'sha256'; readonly onWhole?: (digest: string) => void },
    { offset = 0, lengthBytes = value.bytes } = {},
  ) {
    this.#sizeBytes = lengthBytes;
    this.#pieces = contentPieces(value, offset, lengthBytes);
    this.#hash = createHash(algorithm);
    this.#onWhole = onWhole ?? (() => {});
  }

  /** Null until all of it was handed over. */
  get digest(): string | null {
    return this.#digest;
  }

  get body(): { readonly data: Iterable<Buffer>; readonly sizeBytes: number } {
    return { data: this.#hand(), sizeBytes: this.#sizeBytes };
  }

  /** What is wrong with an acknowledgement by this ETag or checksum; null where it is that of the bytes. */
  whyNot(acknowledged: string | undefined): string | null {
    if (this.#digest === null) return 'it was acknowledged before all of it was sent';
    if (acknowledged === this.#digest) return null;
    return `it was acknowledged as ${acknowledged} and its bytes are ${this.#digest}`;
  }

  *#hand(): Generator<Buffer> {
    let leftBytes = this.#sizeBytes;
    for (const piece of this.#pieces) {
      this.#hash.update(piece);
      leftBytes -= piece.length;
      if (leftBytes === 0) {
        this.#digest = this.#hash.digest('hex');
        this.#onWhole(this.#digest);
      }
      yield piece;
    }
  }
}
