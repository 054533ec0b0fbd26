import { median } from '../kit/measure/statistics.ts';

/** One measured quantity, with one value for each round that counts. */
export interface Figure {
  /** Names it for good, such as `large.put.r2`: what targets and comparisons refer to. */
  readonly key: string;
  readonly label: string;
  readonly unit: 'MB/s' | 'CPU s/GiB' | 'ops/s' | 'CPU ms/op' | 'ms' | 'MiB';
  readonly values: readonly number[];
}

/** Undefined when it was not measured. */
export function medianOf(figures: readonly Figure[], key: string): number | undefined {
  const values = figures.find((figure) => figure.key === key)?.values ?? [];
  return values.length === 0 ? undefined : median(values);
}

/** Leaves out what a machine does not tell. */
export function toldValues(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}
