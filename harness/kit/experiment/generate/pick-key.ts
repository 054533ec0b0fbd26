import type { Choices } from '../../seed/choices.ts';
import type { KeySkew } from './workload-options.ts';

const scale = 1_000_000;

/** Of the keys with the numbers from 0 to `keys - 1`, one. The lowest numbers are the most popular. */
export function pickKey(choices: Choices, keys: number, skew: KeySkew): number {
  if (skew === 'uniform') return choices.int(0, keys - 1);
  const weights = Array.from({ length: keys }, (_, rank) => 1 / (rank + 1) ** skew.zipfExponent);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let left = (choices.int(0, scale - 1) / scale) * sum;
  const found = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return found === -1 ? keys - 1 : found;
}
