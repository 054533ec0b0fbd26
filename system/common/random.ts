import { randomInt, randomUUID } from 'node:crypto';

/** Randomness as an argument, so that a seed can decide everything in a simulation. */
export interface Random {
  /** A version 4 UUID. */
  uuid(): string;
  /** A whole number from 0 up to, and without, `bound`. */
  below(bound: number): number;
}

export const systemRandom: Random = {
  uuid: () => randomUUID(),
  below: (bound) => randomInt(bound),
};
