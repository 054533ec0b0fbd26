import { RestClient } from '../../kit/clients/rest-client.ts';
import { type Load, runLoad } from '../../kit/measure/load.ts';
import { percentile } from '../../kit/measure/statistics.ts';
import { expectedRange } from '../../kit/seed/seeded-bytes.ts';
import type { Figure } from '../figure.ts';
import type { BenchOptions } from '../options.ts';
import type { Store } from './run-measures.ts';

const clients = 16;
const perPage = 100;

/** Metadata and lists of a store that holds some files, by clients that keep their connections. */
export async function measureMetadata({ isQuick, seed }: BenchOptions, { cluster }: Store): Promise<Figure[]> {
  const files = isQuick ? 50 : 500;
  const operations = isQuick ? 500 : 10_000;
  const lists = isQuick ? 100 : 1_000;
  using rest = new RestClient(cluster.rest);
  const data = expectedRange(seed, 0, 4096);
  const fileIds: string[] = [];
  await runLoad(clients, files, async (index) => {
    const { status, body, text } = await rest.upload({ filename: `m-${index}`, data: [data], sizeBytes: data.length });
    if (status !== 201) throw new Error(`an upload was answered by ${status}: ${text}`);
    fileIds[index] = body.file_id;
  });
  const readMetadata = async (index: number) => {
    const { status } = await rest.metadata(fileIds[index % files] ?? '');
    if (status !== 200) throw new Error(`a metadata request was answered by ${status}`);
  };
  await runLoad(clients, files, readMetadata);
  const metadata = await runLoad(clients, operations, readMetadata);
  const pages = Math.ceil(files / perPage);
  const list = await runLoad(clients, lists, async (index) => {
    const { status } = await rest.list({ page: 1 + (index % pages), perPage });
    if (status !== 200) throw new Error(`a list was answered by ${status}`);
  });
  await runLoad(clients, files, async (index) => {
    await rest.delete(fileIds[index] ?? '');
  });
  return [
    ...figuresOf('metadata', `metadata, ${clients} clients`, metadata),
    ...figuresOf('list', `list of ${perPage}, ${clients} clients`, list),
  ];
}

function figuresOf(key: string, label: string, { latenciesMs, seconds }: Load): Figure[] {
  return [
    { key: `${key}.ops`, label, unit: 'ops/s', values: [latenciesMs.length / seconds] },
    { key: `${key}.p50`, label: '  p50', unit: 'ms', values: [percentile(latenciesMs, 50)] },
    { key: `${key}.p99`, label: '  p99', unit: 'ms', values: [percentile(latenciesMs, 99)] },
  ];
}
