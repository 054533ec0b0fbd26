import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** Choices that a seed decides: the same seed makes the same ones, in the same order, everywhere. */
export class Choices {
  readonly #seed: number | string;
  readonly #generator: RandomGenerator;

  constructor(seed: number | string) {
    this.#seed = seed;
    this.#generator = xoroshiro128plus(seedNumber(seed));
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return uniformInt(this.#generator, min, max);
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new RangeError('there is nothing to pick from');
    return from[this.int(0, from.length - 1)] as T;
  }

  /** A copy in another order. */
  shuffle<T>(list: readonly T[]): T[] {
    const shuffled = [...list];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.int(0, last);
      [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
    }
    return shuffled;
  }

  /** True `perCent` times out of a hundred. */
  chance(perCent: number): boolean {
    return this.int(0, 99) < perCent;
  }

  /** An independent generator of the same seed: what one client chooses does not shift what another one gets. */
  fork(label: string): Choices {
    return new Choices(`${this.#seed}/${label}`);
  }
}

/** 32 bits made from any seed. */
function seedNumber(seed: number | string): number {
  return createHash('sha256').update(String(seed)).digest().readInt32LE(0);
}
