import { Command } from 'commander';
import type { S3Credentials } from '../../kit/cluster/target.ts';
import { someOf, wholeNumber, wholeNumbers } from '../option-values.ts';

export const s3MeasureNames = ['small', 'medium', 'large'] as const;
export type S3MeasureName = (typeof s3MeasureNames)[number];

export interface S3BenchOptions {
  /** Of the large object. */
  readonly sizeBytes: number;
  /** Of everything; the first is not counted. */
  readonly rounds: number;
  readonly replicas: readonly number[];
  readonly only: readonly S3MeasureName[];
  /** Fewer and smaller: to see that it works, not how fast. */
  readonly isQuick: boolean;
  readonly jsonFile: string | null;
  readonly enforce: boolean;
  readonly seed: string;
  /** Somebody else's store, measured beside ours. */
  readonly endpoint: EndpointOptions | null;
}

export interface EndpointOptions {
  readonly url: URL;
  readonly credentials: S3Credentials;
  /** Of its processes on this machine, for CPU time and memory; empty: not told. */
  readonly pids: readonly number[];
}

const MiB = 2 ** 20;

/** Reads the command line. Prints the help or what is wrong with it, and exits. */
export function parseS3Options(argv: readonly string[]): S3BenchOptions {
  const command = new Command('bench:s3')
    .description('Measure S3 as its users would, flushed to disk, and print it beside what other stores reach.')
    .option('--quick', 'a 64 MiB object, two rounds and few requests: to see that it works')
    .option('--size <MiB>', 'size of the large object (default: 1024)', wholeNumber)
    .option('--rounds <number>', 'of everything; the first only warms up (default: 3)', wholeNumber)
    .option('--replicas <numbers>', 'one store for each, by comma', wholeNumbers, [1, 2])
    .option('--only <names>', `of ${s3MeasureNames.join(', ')}, by comma`, someOf(s3MeasureNames), [...s3MeasureNames])
    .option(
      '--endpoint <url>',
      'measure this S3 endpoint; without --replicas instead of ours, with it in turn with ours',
    )
    .option('--access-key <key>', 'for the endpoint')
    .option('--secret-key <key>', 'for the endpoint')
    .option('--pids <numbers>', 'processes of the endpoint, for its CPU time and memory', wholeNumbers, [])
    .option('--seed <text>', 'decides the bytes', 'bench')
    .option('--json <file>', 'write everything measured to a file')
    .option('--enforce', 'exit with 1 when a target is not reached')
    .parse([...argv]);
  const given = command.opts();
  const isQuick = given['quick'] === true;
  const endpoint = endpointOf(command);
  const onlyTheEndpoint = endpoint !== null && command.getOptionValueSource('replicas') === 'default';
  return {
    sizeBytes: (given['size'] ?? (isQuick ? 64 : 1024)) * MiB,
    rounds: Math.max(2, given['rounds'] ?? (isQuick ? 2 : 3)),
    replicas: onlyTheEndpoint ? [] : given['replicas'],
    only: given['only'],
    isQuick,
    jsonFile: given['json'] ?? null,
    enforce: given['enforce'] === true,
    seed: given['seed'],
    endpoint,
  };
}

function endpointOf(command: Command): EndpointOptions | null {
  const { endpoint, accessKey, secretKey, pids } = command.opts();
  if (endpoint === undefined) return null;
  if (!URL.canParse(endpoint)) command.error(`--endpoint ${endpoint} is no URL`);
  if (accessKey === undefined || secretKey === undefined)
    command.error('--endpoint needs --access-key and --secret-key');
  return { url: new URL(endpoint), credentials: { accessKey, secretKey }, pids };
}
