import { createHash } from 'node:crypto';
import { S3HttpClient } from '../../kit/clients/s3/s3-http-client.ts';
import { runLoad } from '../../kit/measure/load.ts';
import { percentile } from '../../kit/measure/statistics.ts';
import { measureWork } from '../../kit/measure/work.ts';
import { expectedRange } from '../../kit/seed/seeded-bytes.ts';
import { type Figure, toldValues } from '../figure.ts';
import { BenchBucket } from './bench-bucket.ts';
import type { S3BenchOptions } from './options.ts';
import type { S3Store } from './s3-store.ts';
import { type SmallRequest, WireClients } from './wire-clients.ts';

export interface ObjectsShape {
  /** Begins the keys of its figures. */
  readonly key: string;
  readonly label: string;
  readonly objectBytes: number;
  readonly clients: number;
  /** Put, and deleted, in each round. */
  readonly objects: number;
  /** GETs, and as many HEADs, in each round, over the objects in turn. */
  readonly reads: number;
  /** What is worth a figure. */
  readonly shown: readonly Operation[];
}

const operations = ['PUT', 'GET', 'HEAD', 'DELETE'] as const;
type Operation = (typeof operations)[number];

/** What one operation met in one round. */
interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly gatewayCpuMs: number | null;
  readonly clientCpuMs: number;
}

type Rounds = Record<Operation, Measured[]>;

/** Many objects up, down, looked at and away, by clients that keep their connections; the stores in turn. */
export async function measureManyObjects(
  { rounds, seed }: Pick<S3BenchOptions, 'rounds' | 'seed'>,
  stores: readonly S3Store[],
  shape: ObjectsShape,
): Promise<Figure[]> {
  // Made beforehand: what the client computes is taken from the same cores.
  const contents = Array.from({ length: shape.clients }, (_, index) => {
    const bytes = expectedRange(`${seed}/${shape.key}/${index}`, 0, shape.objectBytes);
    return { bytes, etag: `"${createHash('md5').update(bytes).digest('hex')}"` };
  });
  const measured = new Map(stores.map((store) => [store, { PUT: [], GET: [], HEAD: [], DELETE: [] } as Rounds]));
  for (let round = 0; round < rounds; round++) {
    for (const [store, kept] of measured) {
      const results = await oneRound(store, shape, contents);
      // The first round also pays for connections and compilation.
      if (round > 0) for (const operation of operations) kept[operation].push(results[operation]);
    }
  }
  return [...measured].flatMap(([store, kept]) =>
    shape.shown.flatMap((operation) => figuresOf(operation, kept[operation], shape, store)),
  );
}

interface Content {
  readonly bytes: Buffer;
  readonly etag: string;
}

async function oneRound(
  store: S3Store,
  shape: ObjectsShape,
  contents: readonly Content[],
): Promise<Record<Operation, Measured>> {
  using own = new S3HttpClient(store.s3, { credentials: store.credentials });
  await using bucket = await BenchBucket.create(own);
  using clients = await WireClients.open(store, shape.clients);
  const measure = (
    count: number,
    status: number,
    request: (content: Content) => Omit<SmallRequest, 'bucket' | 'key'>,
  ) =>
    measureLoad(store.parts, shape.clients, count, async (index) => {
      const number = index % shape.objects;
      const content = contents[number % contents.length] as Content;
      const wanted = request(content);
      const key = `${shape.key}/${number}`;
      const { etag } = await clients.send({ ...wanted, bucket: bucket.name, key }, status);
      if (status === 200 && etag !== content.etag)
        throw new Error(`${wanted.method} ${key}: ${etag}, not ${content.etag}`);
    });
  return {
    PUT: await measure(shape.objects, 200, ({ bytes }) => ({ method: 'PUT', body: bytes })),
    GET: await measure(shape.reads, 200, ({ bytes }) => ({ method: 'GET', expected: bytes })),
    HEAD: await measure(shape.reads, 200, () => ({ method: 'HEAD' })),
    DELETE: await measure(shape.objects, 204, () => ({ method: 'DELETE' })),
  };
}

async function measureLoad(
  { gateway }: S3Store['parts'],
  clients: number,
  count: number,
  one: (index: number) => Promise<void>,
): Promise<Measured> {
  const own = process.cpuUsage();
  let latenciesMs: readonly number[] = [];
  const { seconds, cpuSeconds } = await measureWork({ gateway }, async () => {
    ({ latenciesMs } = await runLoad(clients, count, one));
  });
  const { user, system } = process.cpuUsage(own);
  return {
    perSecond: count / seconds,
    p50Ms: percentile(latenciesMs, 50),
    p99Ms: percentile(latenciesMs, 99),
    gatewayCpuMs: cpuSeconds.gateway === null ? null : (cpuSeconds.gateway * 1000) / count,
    clientCpuMs: (user + system) / 1000 / count,
  };
}

/** From this size on, bytes a second say more than operations. */
const speedFromBytes = 2 ** 20;

function figuresOf(operation: Operation, rounds: readonly Measured[], shape: ObjectsShape, store: S3Store): Figure[] {
  const key = `${shape.key}.${operation.toLowerCase()}`;
  const figure = (what: string, label: string, unit: Figure['unit'], values: readonly number[]): Figure => {
    return { key: `${key}${what}.${store.key}`, label, unit, values };
  };
  const movesBytes = shape.objectBytes >= speedFromBytes;
  const factor = movesBytes ? shape.objectBytes / 1e6 : 1;
  const speeds = rounds.map(({ perSecond }) => perSecond * factor);
  return [
    figure('', `${operation} ${store.label}, ${shape.label}`, movesBytes ? 'MB/s' : 'ops/s', speeds),
    figure(
      '.p50',
      '  p50',
      'ms',
      rounds.map(({ p50Ms }) => p50Ms),
    ),
    figure(
      '.p99',
      '  p99',
      'ms',
      rounds.map(({ p99Ms }) => p99Ms),
    ),
    figure('.cpu.gateway', '  gateway', 'CPU ms/op', toldValues(rounds.map(({ gatewayCpuMs }) => gatewayCpuMs))),
    figure(
      '.cpu.client',
      '  client',
      'CPU ms/op',
      rounds.map(({ clientCpuMs }) => clientCpuMs),
    ),
  ];
}
