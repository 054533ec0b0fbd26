import { assert } from '../../common/assert.ts';

/** A piece of page-aligned memory. Whoever takes it disposes it. */
export interface Slab extends Disposable {
  readonly buffer: Buffer;
}

/**
 * The memory of all writers, or all readers, of the process: one region of fixed size, cut into slabs of a few sizes. A
 * larger slab costs fewer calls to the disk, a smaller one lets more streams share the region.
 *
 * For each of `streamsMax` streams, those that run and those that may still come, one smallest slab is kept aside. So
 * no stream that is admitted ever waits for memory that another holds, and streams that feed each other across nodes
 * cannot block one another. What the region has beyond that is first come, first served, in slabs that get smaller
 * as it is used up.
 */
export class SlabPool {
  readonly #region: Buffer;
  /** Largest first. */
  readonly #sizes: readonly number[];
  readonly #smallest: number;
  /** Free slabs by size, last in first out: what was used last is still in the processor's cache. */
  readonly #free: Map<number, number[]>;
  #freeBytes: number;
  /** Kept aside for the streams that hold nothing now, or have yet to come. */
  #promisedBytes: number;
  #streams = 0;
  readonly #streamsMax: number;

  /** `sizes`, largest first, are each a multiple of the next; `region` is page-aligned and whole slabs of the largest. */
  constructor(region: Buffer, sizes: readonly number[], streamsMax: number) {
    const [largest, smallest] = [sizes.at(0), sizes.at(-1)];
    assert(largest !== undefined && smallest !== undefined, 'a slab pool needs a slab size');
    assert(region.length % largest === 0, `the region has ${region.length} bytes, expected a multiple of ${largest}`);
    assert(
      streamsMax * smallest <= region.length,
      `${region.length} bytes cannot hold a slab for each of ${streamsMax} streams`,
    );
    this.#region = region;
    this.#sizes = sizes;
    this.#smallest = smallest;
    this.#streamsMax = streamsMax;
    this.#freeBytes = region.length;
    this.#promisedBytes = streamsMax * smallest;
    this.#free = new Map(sizes.map((bytes) => [bytes, []]));
    for (let offset = region.length - largest; offset >= 0; offset -= largest) this.#list(largest).push(offset);
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Undefined when `streamsMax` streams run. */
  admit(): SlabLease | undefined {
    if (this.#streams === this.#streamsMax) return undefined;
    this.#streams++;
    return new SlabLease(this);
  }

  /** For SlabLease alone. */
  leave(): void {
    this.#streams--;
  }

  /** For SlabLease alone. Always succeeds when `promised`, that is when the stream holds no slab yet. */
  take(promised: boolean): Place | undefined {
    if (promised) this.#promisedBytes -= this.#smallest;
    const spareBytes = this.#freeBytes - this.#promisedBytes;
    for (const bytes of this.#sizes.slice(this.#fairIndex(spareBytes))) {
      const offset = bytes > spareBytes ? undefined : this.#carve(bytes);
      if (offset === undefined) continue;
      this.#freeBytes -= bytes;
      return { offset, bytes };
    }
    assert(!promised, 'a stream was promised a slab and the pool has none');
    return undefined;
  }

  /** For SlabLease alone. `promise` when the stream holds nothing after this. */
  give({ offset, bytes }: Place, promise: boolean): void {
    this.#freeBytes += bytes;
    if (promise) this.#promisedBytes += this.#smallest;
    this.#merge(bytes, offset);
  }

  /** For SlabLease alone. */
  memory({ offset, bytes }: Place): Buffer {
    return this.#region.subarray(offset, offset + bytes);
  }

  /** The largest size that a stream may take now, by how much is left of what is not kept aside for anyone. */
  #fairIndex(spareBytes: number): number {
    const spareBytesMax = this.#region.length - this.#streamsMax * this.#smallest;
    if (spareBytes * 2 > spareBytesMax) return 0;
    if (spareBytes * 4 > spareBytesMax) return Math.min(1, this.#sizes.length - 1);
    return this.#sizes.length - 1;
  }

  /** The offset of a free slab of this size, cut out of a larger one if need be. */
  #carve(bytes: number): number | undefined {
    const found = this.#list(bytes).pop();
    if (found !== undefined) return found;
    const larger = this.#sizes[this.#sizes.indexOf(bytes) - 1];
    const whole = larger === undefined ? undefined : this.#carve(larger);
    if (whole === undefined || larger === undefined) return undefined;
    for (let offset = whole + larger - bytes; offset > whole; offset -= bytes) this.#list(bytes).push(offset);
    return whole;
  }

  /** Frees a slab, and the larger one that it was cut out of when all its parts are free. */
  #merge(bytes: number, offset: number): void {
    const list = this.#list(bytes);
    list.push(offset);
    const larger = this.#sizes[this.#sizes.indexOf(bytes) - 1];
    if (larger === undefined) return;
    const whole = offset - (offset % larger);
    const isPart = (candidate: number) => candidate >= whole && candidate < whole + larger;
    if (list.filter(isPart).length * bytes < larger) return;
    this.#free.set(
      bytes,
      list.filter((candidate) => !isPart(candidate)),
    );
    this.#merge(larger, whole);
  }

  #list(bytes: number): number[] {
    const list = this.#free.get(bytes);
    assert(list !== undefined, `there are no slabs of ${bytes} bytes`);
    return list;
  }
}

/** Where in the region a slab lies. */
interface Place {
  readonly offset: number;
  readonly bytes: number;
}

/** One stream's share of the pool. Dispose it when all its slabs have been disposed. */
export class SlabLease implements Disposable {
  readonly #pool: SlabPool;
  #held = 0;
  constructor(pool: SlabPool) {
    this.#pool = pool;
  }

  /** The first slab, which the stream was promised: it holds no other. */
  takeFirst(): Slab {
    assert(this.#held === 0, `a stream that holds ${this.#held} slabs asked for its first`);
    const slab = this.take();
    assert(slab !== undefined, 'a stream that holds no slab was refused one');
    return slab;
  }

  /** A slab: always when the stream holds none, otherwise only while there is plenty. */
  take(): Slab | undefined {
    const place = this.#pool.take(this.#held === 0);
    if (!place) return undefined;
    this.#held++;
    let isHeld = true;
    return {
      buffer: this.#pool.memory(place),
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#held--;
        this.#pool.give(place, this.#held === 0);
      },
    };
  }

  [Symbol.dispose](): void {
    assert(this.#held === 0, `a stream left ${this.#held} slabs behind`);
    this.#pool.leave();
  }
}
