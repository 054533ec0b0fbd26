export interface RegressionSeed {
  readonly scenario: string;
  readonly seed: string;
  readonly seconds: number;
  /** What it found, and what that taught. */
  readonly taught: string;
}

/** Plans that failed once. Each is run again by the suite, so that what was mended stays so. */
export const regressionSeeds: readonly RegressionSeed[] = [];
