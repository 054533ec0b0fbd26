import { RestClient } from '../../kit/clients/rest-client.ts';
import { type Load, runLoad } from '../../kit/measure/load.ts';
import { percentile } from '../../kit/measure/statistics.ts';
import { expectedRange } from '../../kit/seed/seeded-bytes.ts';
import type { Figure } from '../figure.ts';
import type { BenchOptions } from '../options.ts';
import type { Store } from './run-measures.ts';

export interface FileCounts {
  readonly key: string;
  readonly label: string;
  readonly fileBytes: number;
  readonly clients: number;
  readonly files: number;
}

/** From this size on, bytes a second say more than operations. */
const speedFromBytes = 2 ** 20;

/** Many files up, then down again, by clients that keep their connections. */
export async function measureFiles(
  { seed }: BenchOptions,
  { cluster, replicas }: Store,
  shape: FileCounts,
): Promise<Figure[]> {
  using rest = new RestClient(cluster.rest);
  // The content is made beforehand: what the client computes is taken from the same cores.
  const contents = Array.from({ length: shape.clients }, (_, index) =>
    expectedRange(`${seed}/${index}`, 0, shape.fileBytes),
  );
  const upload = async (index: number) => {
    const data = contents[index % contents.length] as Buffer;
    const name = `${shape.key}-${index}`;
    const { status, body, text } = await rest.upload({ filename: name, data: [data], sizeBytes: data.length });
    if (status !== 201) throw new Error(`an upload was answered by ${status}: ${text}`);
    return body.file_id;
  };
  const fileIds: string[] = [];
  for (let index = 0; index < shape.clients; index++) await rest.delete(await upload(index));
  const put = await runLoad(shape.clients, shape.files, async (index) => {
    fileIds[index] = await upload(index);
  });
  const get = await runLoad(shape.clients, shape.files, async (index) => {
    const { status, stream } = await rest.download(fileIds[index] ?? '');
    let bytes = 0;
    for await (const piece of stream as AsyncIterable<Buffer>) bytes += piece.length;
    if (status !== 200 || bytes !== shape.fileBytes) throw new Error(`a download: ${status}, ${bytes} bytes`);
  });
  await runLoad(shape.clients, shape.files, async (index) => {
    await rest.delete(fileIds[index] ?? '');
  });
  return [...figuresOf('PUT', put, shape, replicas), ...figuresOf('GET', get, shape, replicas)];
}

function figuresOf(what: 'PUT' | 'GET', load: Load, shape: FileCounts, replicas: number): Figure[] {
  const key = `${shape.key}.${what.toLowerCase()}`;
  const label = `${what} R=${replicas}, ${shape.label}`;
  const { latenciesMs, seconds } = load;
  const main: Figure =
    shape.fileBytes >= speedFromBytes
      ? { key: `${key}.r${replicas}`, label, unit: 'MB/s', values: [(shape.files * shape.fileBytes) / 1e6 / seconds] }
      : { key: `${key}.r${replicas}`, label, unit: 'ops/s', values: [latenciesMs.length / seconds] };
  const latency = (perCent: number): Figure => ({
    key: `${key}.p${perCent}.r${replicas}`,
    label: `  p${perCent}`,
    unit: 'ms',
    values: [percentile(latenciesMs, perCent)],
  });
  return [main, latency(50), latency(99)];
}
