import { KiB, MiB } from '../../common/bytes.ts';

/** Room for the envelope around the data of a message. */
const ENVELOPE_BYTES = 64;
const SIZES = [16 * KiB, 32 * KiB, 128 * KiB, 256 * KiB].map((bytes) => bytes + ENVELOPE_BYTES);
/** Free buffers beyond this are left to the garbage collector. */
const FREE_BYTES_MAX = 8 * MiB;

/**
 * Memory for messages on their way to clients, used again and again. What the connection reads lies in fresh memory
 * which soon dies where it is copied here at once; where it waited for slow clients it would grow old, and only a full
 * collection would free it.
 */
export class MessageBuffers {
  readonly #free = new Map<number, Buffer[]>(SIZES.map((size) => [size, []]));
  #freeBytes = 0;

  /** A buffer of at least `bytes`. */
  take(bytes: number): Buffer {
    const size = SIZES.find((candidate) => candidate >= bytes) ?? bytes;
    const buffer = this.#free.get(size)?.pop();
    if (buffer === undefined) return Buffer.allocUnsafeSlow(size);
    this.#freeBytes -= size;
    return buffer;
  }

  give(buffer: Buffer): void {
    if (this.#freeBytes + buffer.length > FREE_BYTES_MAX) return;
    const free = this.#free.get(buffer.length);
    if (free === undefined) return;
    free.push(buffer);
    this.#freeBytes += buffer.length;
  }
}
