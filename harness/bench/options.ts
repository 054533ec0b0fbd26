import { benchCommand, type CommonOptions, parseCommon } from './common-options.ts';

const measures = ['large', 'chunk', 'medium', 'small', 'metadata'] as const;

export type BenchOptions = CommonOptions<(typeof measures)[number]>;

/** Reads the command line. Prints the help or what is wrong with it, and exits. */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const command = benchCommand({
    name: 'bench',
    description: 'Measure the store as its users would: through the gateway and on a node, flushed to disk.',
    large: 'the large file and of the chunk',
    repeated: 'the large transfers',
    measures,
  });
  return parseCommon(command, argv);
}
