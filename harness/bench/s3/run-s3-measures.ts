import { rm } from 'node:fs/promises';
import { stopOnSignal } from '../../kit/cluster/exit-guard.ts';
import { scratchDir } from '../../kit/cluster/scratch.ts';
import { startCluster } from '../../kit/cluster/start-cluster.ts';
import type { Figure } from '../figure.ts';
import { measureLargeObject } from './large-object.ts';
import { measureManyObjects, type ObjectsShape } from './many-objects.ts';
import type { S3BenchOptions, S3MeasureName } from './options.ts';
import { foreignStore, ourStore, type S3Store } from './s3-store.ts';

const MiB = 2 ** 20;

/** Starts the stores, measures what the options name, and stops all again, also on a signal. */
export async function runS3Measures(
  options: S3BenchOptions,
  say: (line: string) => void,
): Promise<{ readonly stores: readonly S3Store[]; readonly figures: readonly Figure[] }> {
  await using stack = new AsyncDisposableStack();
  const tempDir = await scratchDir('bench-s3');
  const removeTempDir = () => rm(tempDir, { recursive: true, force: true });
  stack.defer(removeTempDir);
  stack.defer(stopOnSignal(removeTempDir));

  const stores: S3Store[] = options.endpoint === null ? [] : [foreignStore(options.endpoint)];
  for (const replicas of options.replicas) {
    say(`starting a store with R=${replicas} …`);
    stores.push(ourStore(stack.use(await startCluster({ replicas, ephemeral: false })), replicas));
  }
  const figures: Figure[] = [];
  for (const name of options.only) {
    say(`measuring ${name} objects …`);
    figures.push(...(await measureOf(name, options, stores, tempDir)));
  }
  return { stores, figures };
}

function measureOf(
  name: S3MeasureName,
  options: S3BenchOptions,
  stores: readonly S3Store[],
  tempDir: string,
): Promise<Figure[]> {
  switch (name) {
    case 'small':
      return measureManyObjects(options, stores, small(options.isQuick));
    case 'medium':
      return measureManyObjects(options, stores, medium(options.isQuick));
    case 'large':
      return measureLargeObject(options, stores, tempDir);
  }
}

function small(isQuick: boolean): ObjectsShape {
  return {
    key: 's3.small',
    label: '4 KiB, 16 clients',
    objectBytes: 4096,
    clients: 16,
    shown: ['PUT', 'GET', 'HEAD', 'DELETE'],
    ...(isQuick ? { objects: 200, reads: 400 } : { objects: 3000, reads: 10_000 }),
  };
}

function medium(isQuick: boolean): ObjectsShape {
  return {
    key: 's3.medium',
    label: '10 MiB, 8 clients',
    objectBytes: 10 * MiB,
    clients: 8,
    shown: ['PUT', 'GET'],
    ...(isQuick ? { objects: 16, reads: 16 } : { objects: 48, reads: 96 }),
  };
}
