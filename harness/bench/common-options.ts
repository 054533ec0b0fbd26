import { Command } from 'commander';
import { someOf, wholeNumber, wholeNumbers } from './option-values.ts';

/** What both benchmarks can be told. */
export interface CommonOptions<Name extends string> {
  /** Of whatever is large. */
  readonly sizeBytes: number;
  /** The first is not counted. */
  readonly rounds: number;
  readonly replicas: readonly number[];
  readonly only: readonly Name[];
  /** Fewer and smaller: to see that it works, not how fast. */
  readonly isQuick: boolean;
  readonly jsonFile: string | null;
  readonly enforce: boolean;
  readonly seed: string;
}

const MiB = 2 ** 20;

export interface BenchWords<Name extends string> {
  readonly name: string;
  readonly description: string;
  /** What `--size` is the size of. */
  readonly large: string;
  /** What is done `--rounds` times. */
  readonly repeated: string;
  readonly measures: readonly Name[];
}

/** A command with these options, to which others may be added before it parses. */
export function benchCommand<Name extends string>(words: BenchWords<Name>): Command {
  const { name, description, large, repeated, measures } = words;
  return new Command(name)
    .description(description)
    .option('--quick', '64 MiB, two rounds and few requests: to see that it works')
    .option('--size <MiB>', `size of ${large} (default: 1024)`, wholeNumber)
    .option('--rounds <number>', `of ${repeated}; the first only warms up (default: 3)`, wholeNumber)
    .option('--replicas <numbers>', 'one store for each, by comma', wholeNumbers, [1, 2])
    .option('--only <names>', `of ${measures.join(', ')}, by comma`, someOf(measures), [...measures])
    .option('--seed <text>', 'decides the bytes', 'bench')
    .option('--json <file>', 'write everything measured to a file')
    .option('--enforce', 'exit with 1 when a target is not reached, or none was judged');
}

/** Reads the command line. Prints the help or what is wrong with it, and exits. */
export function parseCommon<Name extends string>(command: Command, argv: readonly string[]): CommonOptions<Name> {
  const given = command.parse([...argv]).opts();
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
