import { rm } from 'node:fs/promises';
import { stopOnSignal } from '../../kit/cluster/exit-guard.ts';
import { scratchDir } from '../../kit/cluster/scratch.ts';
import { startCluster } from '../../kit/cluster/start-cluster.ts';
import type { Cluster } from '../../kit/cluster/target.ts';
import type { Figure } from '../figure.ts';
import type { BenchOptions } from '../options.ts';
import { measureChunk } from './chunk.ts';
import { type FileCounts, measureFiles } from './files.ts';
import { measureLarge } from './large.ts';
import { measureMemory } from './memory.ts';
import { measureMetadata } from './metadata.ts';

export interface Store {
  readonly replicas: number;
  readonly cluster: Cluster;
}

/** The time for everything ran out. */
export class NotReachedInTime extends Error {
  override name = 'NotReachedInTime';
  /** What was measured until then. */
  readonly figures: readonly Figure[];

  constructor(what: string, figures: readonly Figure[]) {
    super(`After ${allWithinMs / 60_000} minutes there was no time left for: ${what}`);
    this.figures = figures;
  }
}

const allWithinMs = 25 * 60_000;
const MiB = 2 ** 20;

const medium = { key: 'medium', label: '10 MiB files, 8 clients', fileBytes: 10 * MiB, clients: 8 } as const;
const small = { key: 'small', label: '4 KiB files, 16 clients', fileBytes: 4096, clients: 16 } as const;

/** Starts the stores, measures what the options name, and stops all again, also on a signal. */
export async function runMeasures(options: BenchOptions, say: (line: string) => void): Promise<readonly Figure[]> {
  const startedAtMs = performance.now();
  const figures: Figure[] = [];
  const step = async (what: string, measure: () => Promise<Figure[]>) => {
    if (performance.now() - startedAtMs > allWithinMs) throw new NotReachedInTime(what, figures);
    say(`measuring ${what} …`);
    figures.push(...(await measure()));
  };
  const wants = (name: BenchOptions['only'][number]) => options.only.includes(name);

  await using stack = new AsyncDisposableStack();
  const tempDir = await scratchDir('bench');
  const removeTempDir = () => rm(tempDir, { recursive: true, force: true });
  stack.defer(removeTempDir);
  stack.defer(stopOnSignal(removeTempDir));

  if (wants('chunk')) await step('chunks on one node', () => measureChunk(options));
  if (!options.only.some((name) => name !== 'chunk')) return figures;

  const stores: Store[] = [];
  for (const replicas of options.replicas) {
    say(`starting a store with R=${replicas} …`);
    const cluster = stack.use(await startCluster({ replicas, ephemeral: false }));
    stores.push({ replicas, cluster });
  }
  if (wants('large')) {
    await step('the large file', () => measureLarge(options, stores, tempDir));
    figures.push(...measureMemory(stores, 'large.rss', 'after the large file'));
  }
  const counts = (shape: typeof medium | typeof small, many: number, few: number): FileCounts => {
    return { ...shape, files: options.isQuick ? few : many };
  };
  for (const store of stores) {
    if (wants('medium')) {
      await step(`${medium.label}, R=${store.replicas}`, () => measureFiles(options, store, counts(medium, 64, 16)));
    }
    if (wants('small')) {
      await step(`${small.label}, R=${store.replicas}`, () => measureFiles(options, store, counts(small, 2000, 200)));
    }
  }
  const last = stores.at(-1);
  if (wants('metadata') && last !== undefined) await step('metadata', () => measureMetadata(options, last));
  figures.push(...measureMemory(stores, 'rss', 'after all'));
  return figures;
}
