import { ChunkError } from './chunk-error.ts';

/**
 * Counts the bytes of chunk files, finished and unfinished, and holds them below the quota. Unfinished ones count as
 * they grow, so that writers side by side cannot exceed the quota together.
 */
export class SpaceLedger {
  readonly quotaBytes: number | undefined;
  #storedBytes = 0;
  #unfinishedBytes = 0;
  #chunkCount = 0;

  constructor(quotaBytes: number | undefined) {
    this.quotaBytes = quotaBytes;
  }

  get storedBytes(): number {
    return this.#storedBytes;
  }

  get unfinishedBytes(): number {
    return this.#unfinishedBytes;
  }

  get chunkCount(): number {
    return this.#chunkCount;
  }

  added(fileBytes: number): void {
    this.#storedBytes += fileBytes;
    this.#chunkCount++;
  }

  removed(fileBytes: number): void {
    this.#storedBytes -= fileBytes;
    this.#chunkCount--;
  }

  reserve(): SpaceReservation {
    return new SpaceReservation(this);
  }

  /** For SpaceReservation alone. Throws ChunkError NoSpace. */
  grow(bytes: number): void {
    const afterBytes = this.#storedBytes + this.#unfinishedBytes + bytes;
    if (bytes > 0 && this.quotaBytes !== undefined && afterBytes > this.quotaBytes) {
      throw new ChunkError('NoSpace', `the node's quota of ${this.quotaBytes} bytes is used up`);
    }
    this.#unfinishedBytes += bytes;
  }
}

/** The space of one unfinished chunk file. Disposing it gives the space back. */
export class SpaceReservation implements Disposable {
  readonly #ledger: SpaceLedger;
  #bytes = 0;
  constructor(ledger: SpaceLedger) {
    this.#ledger = ledger;
  }

  /** Makes sure of `bytes` in all. Throws ChunkError NoSpace, and then keeps what it had. */
  growTo(bytes: number): void {
    if (bytes <= this.#bytes) return;
    this.#ledger.grow(bytes - this.#bytes);
    this.#bytes = bytes;
  }

  [Symbol.dispose](): void {
    this.#ledger.grow(-this.#bytes);
    this.#bytes = 0;
  }
}
