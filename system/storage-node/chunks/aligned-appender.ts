import { assert } from '../../common/assert.ts';
import { KiB, MiB } from '../../common/bytes.ts';
import { type DiskFile, PAGE_BYTES, roundUpToPage } from './disk.ts';
import type { Slab, SlabLease } from './slab-pool.ts';

export const WRITE_SLAB_SIZES: readonly number[] = [1 * MiB, 256 * KiB, 64 * KiB];

/**
 * Appends bytes of any length to a file in writes that are page-aligned in memory, offset and length, as direct I/O
 * wants them. While one slab is on its way to the disk the next is filled, when the pool has one to spare.
 */
export class AlignedAppender implements AsyncDisposable {
  readonly #file: DiskFile;
  readonly #slabs: SlabLease;
  #slab: Slab | undefined;
  #filledBytes = 0;
  /** Where in the file the slab in hand will lie. */
  #offset = 0;
  #writing: Promise<void> | undefined;

  constructor(file: DiskFile, slabs: SlabLease) {
    this.#file = file;
    this.#slabs = slabs;
  }

  /** Bytes appended so far, padding included. */
  get position(): number {
    return this.#offset + this.#filledBytes;
  }

  /**
   * Resolves when `bytes` have been copied and may be used again; undefined when they already have. Throws what the disk
   * throws, perhaps of an earlier write.
   */
  append(bytes: Uint8Array): Promise<void> | undefined {
    const buffer = this.#slab?.buffer;
    if (!buffer || this.#filledBytes + bytes.length >= buffer.length) return this.#appendAcross(bytes);
    buffer.set(bytes, this.#filledBytes);
    this.#filledBytes += bytes.length;
    return undefined;
  }

  /** Appends zeros up to the next page. */
  async padToPage(): Promise<void> {
    const padding = roundUpToPage(this.position) - this.position;
    if (padding > 0) await this.append(Buffer.alloc(padding));
  }

  /** Resolves when all bytes have been handed to the disk. What was appended must be whole pages. */
  async finish(): Promise<void> {
    assert(
      this.position % PAGE_BYTES === 0,
      `a file of ${this.position} bytes was to be finished, expected whole pages`,
    );
    if (this.#filledBytes > 0) await this.#flush();
    await this.#written();
  }

  /** Waits for a write that is under way, whatever becomes of it, and gives the memory back. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing?.catch(() => {});
    this.#writing = undefined;
    this.#slab?.[Symbol.dispose]();
    this.#slab = undefined;
  }

  async #appendAcross(bytes: Uint8Array): Promise<void> {
    let taken = 0;
    while (taken < bytes.length) {
      const { buffer } = this.#slab ?? (await this.#nextSlab());
      const part = bytes.subarray(taken, taken + buffer.length - this.#filledBytes);
      buffer.set(part, this.#filledBytes);
      this.#filledBytes += part.length;
      taken += part.length;
      if (this.#filledBytes === buffer.length) await this.#flush();
    }
  }

  async #nextSlab(): Promise<Slab> {
    let slab = this.#slabs.take();
    if (!slab) {
      await this.#written();
      slab = this.#slabs.takeFirst();
    }
    this.#slab = slab;
    return slab;
  }

  /** Sends the slab in hand on its way, after the one before it has arrived. */
  async #flush(): Promise<void> {
    await this.#written();
    const slab = this.#slab;
    assert(slab !== undefined, 'there is no slab to flush');
    const bytes = this.#filledBytes;
    const writing = this.#write(slab.buffer.subarray(0, bytes), this.#offset).finally(() => slab[Symbol.dispose]());
    // A failure is met by whoever appends next, or finishes; until then it must not count as unhandled.
    writing.catch(() => {});
    this.#writing = writing;
    this.#slab = undefined;
    this.#offset += bytes;
    this.#filledBytes = 0;
  }

  async #written(): Promise<void> {
    await this.#writing;
    this.#writing = undefined;
  }

  async #write(bytes: Buffer, at: number): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const count = await this.#file.write(written === 0 ? bytes : bytes.subarray(written), at + written);
      // Direct I/O cannot go on in the middle of a page, so a page that was cut is written again.
      const wholePages = count - (count % PAGE_BYTES);
      if (wholePages === 0) throw new ShortWrite(bytes.length - written, count);
      written += wholePages;
    }
  }
}

/** A disk that takes less than a page without saying why is full, or nearly so. */
class ShortWrite extends Error {
  override name = 'ShortWrite';
  readonly code = 'ENOSPC';
  constructor(bytes: number, written: number) {
    super(`the disk took ${written} of ${bytes} bytes`);
  }
}
