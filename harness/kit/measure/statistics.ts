/** The middle value; of an even number of values the mean of the two in the middle. Throws RangeError when there is none. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}

/**
 * The smallest of the values that at least `perCent` of them do not exceed (nearest rank): always a value that was
 * measured. `perCent` lies in (0, 100]. Throws RangeError.
 */
export function percentile(values: readonly number[], perCent: number): number {
  if (!(perCent > 0 && perCent <= 100)) throw new RangeError(`there is no percentile ${perCent}`);
  const sorted = ascending(values);
  return sorted[Math.ceil((perCent / 100) * sorted.length) - 1] as number;
}

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function summary(values: readonly number[]): Summary {
  const sorted = ascending(values);
  return { median: median(sorted), min: sorted[0] as number, max: sorted.at(-1) as number };
}

function ascending(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError('there are no values');
  return values.toSorted((a, b) => a - b);
}
