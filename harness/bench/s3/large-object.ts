import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { S3HttpClient } from '../../kit/clients/s3/s3-http-client.ts';
import { measureTransfer, type Transfer } from '../../kit/measure/transfer.ts';
import { seededBytes } from '../../kit/seed/seeded-bytes.ts';
import { verifySeeded } from '../../kit/seed/verify-seeded.ts';
import { type Figure, toldValues } from '../figure.ts';
import { BenchBucket } from './bench-bucket.ts';
import { chooseLargeObjectClient, type LargeObjectClient } from './large-object-client.ts';
import type { S3BenchOptions } from './options.ts';
import type { S3Store, StorePart } from './s3-store.ts';

type Operation = 'put' | 'get';
type Transfers = Record<Operation, Transfer<StorePart>[]>;

interface LargeObject {
  readonly path: string;
  readonly sizeBytes: number;
  readonly seed: string;
  readonly etag: string;
}

const MiB = 2 ** 20;
const key = 'large';

/** One object up and down again with one client, one transfer at a time, the stores in turn. */
export async function measureLargeObject(
  { rounds, seed, sizeBytes }: Pick<S3BenchOptions, 'rounds' | 'seed' | 'sizeBytes'>,
  stores: readonly S3Store[],
  tempDir: string,
): Promise<Figure[]> {
  const path = join(tempDir, 'large.bin');
  await pipeline(Readable.from(seededBytes(seed, sizeBytes)), createWriteStream(path));
  const object = { path, sizeBytes, seed, etag: `"${md5Of(seed, sizeBytes)}"` };
  const client = await chooseLargeObjectClient();
  const transfers = new Map(stores.map((store) => [store, { put: [], get: [] } as Transfers]));
  for (let round = 0; round < rounds; round++) {
    for (const [store, { put, get }] of transfers) {
      const result = await upAndDown(client, store, object);
      // The first round also pays for connections, compilation and cold files.
      if (round === 0) continue;
      put.push(result.put);
      get.push(result.get);
    }
  }
  await rm(path);
  const label = `${client.name} ${sizeBytes / MiB} MiB`;
  return [...transfers].flatMap(([store, { put, get }]) => [
    ...figuresOf('put', put, store, label),
    ...figuresOf('get', get, store, label),
    memoryOf(store),
  ]);
}

async function upAndDown(
  client: LargeObjectClient,
  store: S3Store,
  { path, sizeBytes, seed, etag }: LargeObject,
): Promise<Record<Operation, Transfer<StorePart>>> {
  using own = new S3HttpClient(store.s3, { credentials: store.credentials });
  await using bucket = await BenchBucket.create(own);
  const place = `${bucket.name}/${key}`;
  const put = await measureTransfer(sizeBytes, store.parts, () => client.put(store, place, { path, sizeBytes }));
  const { headers } = await bucket.send({ method: 'HEAD', key }, 200);
  if (headers.etag !== etag) throw new Error(`the store tells ETag ${headers.etag} where ${etag} was put`);
  const get = await measureTransfer(sizeBytes, store.parts, () => client.get(store, place, sizeBytes));
  const read = await own.open({ method: 'GET', bucket: bucket.name, key });
  const { isWhole, message } = await verifySeeded(read, seed, sizeBytes);
  if (!isWhole) throw new Error(`the object came back with other bytes: ${message}`);
  return { put, get };
}

function figuresOf(
  what: Operation,
  transfers: readonly Transfer<StorePart>[],
  store: S3Store,
  client: string,
): Figure[] {
  const cpu = (part: StorePart): Figure => ({
    key: `s3.large.${what}.cpu.${part}.${store.key}`,
    label: `  ${part}`,
    unit: 'CPU s/GiB',
    values: toldValues(transfers.map(({ cpuSecondsPerGib }) => cpuSecondsPerGib[part])),
  });
  const label = `${what.toUpperCase()} ${store.label}, ${client}`;
  const speeds = transfers.map(({ mbPerSecond }) => mbPerSecond);
  return [{ key: `s3.large.${what}.${store.key}`, label, unit: 'MB/s', values: speeds }, cpu('gateway'), cpu('nodes')];
}

function memoryOf({ key, label, parts }: S3Store): Figure {
  const peaks = toldValues(parts.gateway.map((one) => one.peakRssBytes()));
  const values = peaks.length === 0 ? [] : [Math.max(...peaks) / MiB];
  return { key: `s3.large.rss.gateway.${key}`, label: `gateway memory ${label}, peak so far`, unit: 'MiB', values };
}

function md5Of(seed: string, sizeBytes: number): string {
  const hash = createHash('md5');
  for (const piece of seededBytes(seed, sizeBytes)) hash.update(piece);
  return hash.digest('hex');
}
