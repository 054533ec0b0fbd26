import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RestClient } from '../../kit/clients/rest-client.ts';
import { measureTransfer, type Transfer } from '../../kit/measure/transfer.ts';
import { seededBytes, seededSha256 } from '../../kit/seed/seeded-bytes.ts';
import { type Figure, toldValues } from '../figure.ts';
import type { BenchOptions } from '../options.ts';
import { chooseLargeClient, type LargeClient } from './large-client.ts';
import type { Store } from './run-measures.ts';

type Part = 'gateway' | 'nodes';
type Transfers = Record<'put' | 'get', Transfer<Part>[]>;

/** One file up and down again, one at a time, the stores in turn, so that all of them meet the same moods of the machine. */
export async function measureLarge(
  { rounds, seed, sizeBytes }: BenchOptions,
  stores: readonly Store[],
  tempDir: string,
): Promise<Figure[]> {
  const path = join(tempDir, 'large.bin');
  await pipeline(Readable.from(seededBytes(seed, sizeBytes)), createWriteStream(path));
  const sha256 = seededSha256(seed, sizeBytes);
  const client = await chooseLargeClient();
  const transfers = new Map(stores.map((store) => [store, { put: [], get: [] } as Transfers]));
  for (let round = 0; round < rounds; round++) {
    for (const [store, { put, get }] of transfers) {
      const result = await upAndDown(client, store, { path, sizeBytes, sha256 });
      // The first round also pays for connections, compilation and cold files.
      if (round === 0) continue;
      put.push(result.put);
      get.push(result.get);
    }
  }
  await rm(path);
  return [...transfers].flatMap(([{ replicas }, { put, get }]) => [
    ...figuresOf('put', put, replicas, `${client.name} ${sizeBytes / 2 ** 20} MiB`),
    ...figuresOf('get', get, replicas, `${client.name} ${sizeBytes / 2 ** 20} MiB`),
  ]);
}

async function upAndDown(
  client: LargeClient,
  { cluster }: Store,
  file: { readonly path: string; readonly sizeBytes: number; readonly sha256: string },
): Promise<Record<'put' | 'get', Transfer<Part>>> {
  const parts = { gateway: cluster.gateways, nodes: cluster.nodes };
  using rest = new RestClient(cluster.rest);
  let fileId = '';
  const put = await measureTransfer(file.sizeBytes, parts, async () => {
    const { file_id, checksum } = await client.put(cluster.rest, file.path, file.sizeBytes);
    if (checksum !== file.sha256) throw new Error(`the gateway hashed ${checksum} where ${file.sha256} was sent`);
    fileId = file_id;
  });
  const get = await measureTransfer(file.sizeBytes, parts, () => client.get(cluster.rest, fileId, file.sizeBytes));
  const { sha256 } = await rest.downloadHashed(fileId);
  if (sha256 !== file.sha256) throw new Error(`the bytes that came back hash to ${sha256}, not to ${file.sha256}`);
  await rest.delete(fileId);
  return { put, get };
}

function figuresOf(
  what: 'put' | 'get',
  transfers: readonly Transfer<Part>[],
  replicas: number,
  client: string,
): Figure[] {
  const cpu = (part: Part): Figure => ({
    key: `large.${what}.cpu.${part}.r${replicas}`,
    label: `  ${part}`,
    unit: 'CPU s/GiB',
    values: toldValues(transfers.map(({ cpuSecondsPerGib }) => cpuSecondsPerGib[part])),
  });
  const speeds = transfers.map(({ mbPerSecond }) => mbPerSecond);
  const label = `${what.toUpperCase()} R=${replicas}, ${client}`;
  return [{ key: `large.${what}.r${replicas}`, label, unit: 'MB/s', values: speeds }, cpu('gateway'), cpu('nodes')];
}
