import { type Figure, medianOf } from '../figure.ts';
import { rounded } from '../table.ts';
import type { S3Store } from './s3-store.ts';

/** Of the measures below, in their order; null where it was not measured. */
interface Peer {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

const measures: readonly { readonly label: string; readonly key: string; readonly unit: string }[] = [
  { label: '4 KiB, 16 clients: PUT', key: 's3.small.put', unit: 'ops/s' },
  { label: '  p99', key: 's3.small.put.p99', unit: 'ms' },
  { label: '4 KiB, 16 clients: GET', key: 's3.small.get', unit: 'ops/s' },
  { label: '4 KiB, 16 clients: HEAD', key: 's3.small.head', unit: 'ops/s' },
  { label: '10 MiB, 8 clients: PUT', key: 's3.medium.put', unit: 'MB/s' },
  { label: '10 MiB, 8 clients: GET', key: 's3.medium.get', unit: 'MB/s' },
  { label: '1 GiB, 1 client: PUT', key: 's3.large.put', unit: 'MB/s' },
  { label: '  CPU', key: 's3.large.put.cpu', unit: 's/GiB' },
  { label: '1 GiB, 1 client: GET', key: 's3.large.get', unit: 'MB/s' },
  { label: '  CPU', key: 's3.large.get.cpu', unit: 's/GiB' },
  { label: '  memory', key: 's3.large.rss.gateway', unit: 'MB' },
];

/**
 * Medians of one measurement on a machine of two cores, with clients of another make on the same cores. versitygw and
 * Garage answer before anything is flushed; "MinIO 1" has one drive, "MinIO 6" six in one process (erasure code 3+3),
 * "Garage 6" six processes that keep three replicas.
 */
const peers: readonly Peer[] = [
  { name: 'MinIO 1', values: [841, 51, 3444, 4361, 229, 1987, 371, 3.0, 1582, 0.7, 118] },
  { name: 'MinIO 6', values: [304, 119, 3379, 3339, 252, 1743, 365, 3.3, 671, 1.9, 301] },
  { name: 'versitygw', values: [1899, 26, 3522, 3371, 276, 2774, 393, 2.5, 1820, 0.35, 33] },
  { name: 'Garage 1', values: [1187, 33, 359, 16_852, 140, 1069, 267, 6.2, 866, 1.4, 120] },
  { name: 'Garage 6', values: [176, 200, 337, 6495, 46, 434, 58, 26.8, 169, 4.5, 270] },
];

const labelWidth = 26;
const cellWidth = 11;

export function printBesidePeers(figures: readonly Figure[], stores: readonly S3Store[]): void {
  const heads = [...stores.map(({ label }) => label), '', ...peers.map(({ name }) => name)];
  console.log(
    '\nPeers, measured 2026-11-23 on two cores: orders of magnitude, not a race (measure one with --endpoint).',
  );
  console.log(`${''.padEnd(labelWidth)}${cells(heads)}`);
  for (const [index, { label, key, unit }] of measures.entries()) {
    const ours = stores.map((store) => ourValue(figures, key, store));
    if (ours.every((value) => value === undefined)) continue;
    const theirs = peers.map(({ values }) => values[index] ?? undefined);
    const texts = [...ours, undefined, ...theirs].map((value) => (value === undefined ? '' : rounded(value)));
    console.log(`${label.padEnd(labelWidth)}${cells(texts)}  ${unit}`);
  }
}

/** CPU times are of gateway and nodes together, as those of the peers are of all their processes. */
function ourValue(figures: readonly Figure[], key: string, store: S3Store): number | undefined {
  const whole = medianOf(figures, `${key}.${store.key}`);
  const [gateway, nodes] = ['gateway', 'nodes'].map((part) => medianOf(figures, `${key}.${part}.${store.key}`));
  const value = whole ?? (gateway === undefined ? undefined : gateway + (nodes ?? 0));
  return value !== undefined && key.includes('.rss.') ? (value * 2 ** 20) / 1e6 : value;
}

function cells(texts: readonly string[]): string {
  return texts.map((text) => (text === '' ? '' : text).slice(0, cellWidth - 1).padStart(cellWidth)).join('');
}
