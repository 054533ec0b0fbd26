import { Command } from 'commander';
import { someOf, wholeNumber, wholeNumbers } from './option-values.ts';

export const measureNames = ['large', 'chunk', 'medium', 'small', 'metadata'] as const;
export type MeasureName = (typeof measureNames)[number];

export interface BenchOptions {
  /** Of the large file, and of the chunk. */
  readonly sizeBytes: number;
  /** Of the large transfers; the first is not counted. */
  readonly rounds: number;
  readonly replicas: readonly number[];
  readonly only: readonly MeasureName[];
  /** Fewer and smaller: to see that it works, not how fast. */
  readonly isQuick: boolean;
  readonly jsonFile: string | null;
  readonly enforce: boolean;
  readonly seed: string;
}

const MiB = 2 ** 20;

/** Reads the command line. Prints the help or what is wrong with it, and exits. */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const given = new Command('bench')
    .description('Measure the store as its users would: through the gateway and on a node, flushed to disk.')
    .option('--quick', 'a 64 MiB file, two rounds and few requests: to see that it works')
    .option('--size <MiB>', 'size of the large file and of the chunk (default: 1024)', wholeNumber)
    .option('--rounds <number>', 'of the large transfers; the first only warms up (default: 3)', wholeNumber)
    .option('--replicas <numbers>', 'one store for each, by comma', wholeNumbers, [1, 2])
    .option('--only <names>', `of ${measureNames.join(', ')}, by comma`, someOf(measureNames), [...measureNames])
    .option('--seed <text>', 'decides the bytes', 'bench')
    .option('--json <file>', 'write everything measured to a file')
    .option('--enforce', 'exit with 1 when a target is not reached')
    .parse([...argv])
    .opts();
  const isQuick = given['quick'] === true;
  return {
    sizeBytes: (given['size'] ?? (isQuick ? 64 : 1024)) * MiB,
    rounds: Math.max(2, given['rounds'] ?? (isQuick ? 2 : 3)),
    replicas: given['replicas'],
    only: given['only'],
    isQuick,
    jsonFile: given['json'] ?? null,
    enforce: given['enforce'] === true,
    seed: given['seed'],
  };
}
