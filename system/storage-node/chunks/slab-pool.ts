import { assert } from '../../common/assert.ts';

/** A piece of page-aligned memory. Whoever takes it disposes it. */
export interface Slab extends Disposable {
  readonly buffer: Buffer;
}

/**
 * The memory of all writers, or all readers, of the process: one region of fixed size, cut into slabs of a few sizes. A
 * larger slab costs fewer calls to the disk, a smaller one lets more streams share the region.
 *
 * A stream is admitted only if it can be promised one smallest slab at any time. It never waits for memory that
 * another stream holds, so streams that feed each other across nodes cannot block one another. Everything beyond
 * the promise is first come, first served, in slabs that get smaller as the region fills.
 */
export class SlabPool {
  readonly #region: Buffer;
  /** Largest first. */
  readonly #sizes: readonly number[];
  readonly #smallest: number;
  /** Free slabs by size, last in first out: what was used last is still in the processor's cache. */
  readonly #free: Map<number, number[]>;
  #freeBytes: number;
  /** Bytes promised to streams that hold nothing now. */
  #promisedBytes = 0;
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
    this.#free = new Map(sizes.map((bytes) => [bytes, []]));
    for (let offset = region.length - largest; offset >= 0; offset -= largest) this.#list(largest).push(offset);
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Undefined when as many streams run as the pool can make a promise to. */
  admit(): SlabLease | undefined {
    // Those that came before may hold more than they were promised: what is free must do for this promise as well.
    const sparesOne = this.#freeBytes - this.#promisedBytes >= this.#smallest;
    if (this.#streams === this.#streamsMax || !sparesOne) return undefined;
    this.#streams++;
    this.#promisedBytes += this.#smallest;
    return new SlabLease(this);
  }

  /** For SlabLease alone. */
  leave(): void {
    this.#streams--;
    this.#promisedBytes -= this.#smallest;
  }

  /** For SlabLease alone. Always succeeds when `promised`, that is when the stream holds no slab yet. */
  take(promised: boolean): Place | undefined {
    if (promised) this.#promisedBytes -= this.#smallest;
    const spareBytes = this.#freeBytes - this.#promisedBytes;
    for (const bytes of this.#sizes.slice(this.#fairIndex())) {
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

  /** The largest size that a stream may take now. */
  #fairIndex(): number {
    if (this.#freeBytes * 2 > this.#region.length) return 0;
    if (this.#freeBytes * 4 > this.#region.length) return Math.min(1, this.#sizes.length - 1);
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
