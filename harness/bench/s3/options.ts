import type { Command } from 'commander';
import type { S3Credentials } from '../../kit/cluster/target.ts';
import { benchCommand, type CommonOptions, parseCommon } from '../common-options.ts';
import { wholeNumbers } from '../option-values.ts';

const measures = ['small', 'medium', 'large'] as const;
export type S3MeasureName = (typeof measures)[number];

export interface S3BenchOptions extends CommonOptions<S3MeasureName> {
  /** Somebody else's store, measured beside ours. */
  readonly endpoint: EndpointOptions | null;
}

export interface EndpointOptions {
  readonly url: URL;
  readonly credentials: S3Credentials;
  /** Of its processes on this machine, for CPU time and memory; empty: not told. */
  readonly pids: readonly number[];
}

/** Reads the command line. Prints the help or what is wrong with it, and exits. */
export function parseS3Options(argv: readonly string[]): S3BenchOptions {
  const command = benchCommand({
    name: 'bench:s3',
    description: 'Measure S3 as its users would, flushed to disk, and print it beside what other stores reach.',
    large: 'the large object',
    repeated: 'everything',
    measures,
  })
    .option(
      '--endpoint <url>',
      'measure this S3 endpoint; without --replicas instead of ours, with it in turn with ours',
    )
    .option('--access-key <key>', 'for the endpoint')
    .option('--secret-key <key>', 'for the endpoint')
    .option('--pids <numbers>', 'processes of the endpoint, for its CPU time and memory', wholeNumbers, []);
  const common = parseCommon<S3MeasureName>(command, argv);
  const endpoint = endpointOf(command);
  const onlyTheEndpoint = endpoint !== null && command.getOptionValueSource('replicas') === 'default';
  return { ...common, replicas: onlyTheEndpoint ? [] : common.replicas, endpoint };
}

function endpointOf(command: Command): EndpointOptions | null {
  const { endpoint, accessKey, secretKey, pids } = command.opts();
  if (endpoint === undefined) return null;
  if (!URL.canParse(endpoint)) command.error(`--endpoint ${endpoint} is no URL`);
  if (accessKey === undefined || secretKey === undefined)
    command.error('--endpoint needs --access-key and --secret-key');
  return { url: new URL(endpoint), credentials: { accessKey, secretKey }, pids };
}
