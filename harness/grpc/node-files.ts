import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { until } from '../kit/testing/until.ts';

/** Where the file of a chunk lies; undefined when the node has none under this id. */
export async function chunkFile(dataDir: string, chunkId: string): Promise<string | undefined> {
  return (await chunkFiles(dataDir)).find((path) => basename(path) === chunkId);
}

/** Every file of a finished chunk. */
export async function chunkFiles(dataDir: string): Promise<string[]> {
  const entries = await readdir(join(dataDir, 'chunks'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Names of the files that the node has begun and not finished. */
export function unfinishedFiles(dataDir: string): Promise<string[]> {
  return readdir(join(dataDir, 'tmp'));
}

/** Resolves once the node writes at least `count` chunks. */
export async function untilUnfinished(dataDir: string, count = 1): Promise<void> {
  const what = `${count} unfinished files in ${dataDir}`;
  await until({ what, withinMs: 10_000, pollMs: 10 }, async () => (await unfinishedFiles(dataDir)).length >= count);
}

/** Resolves once the node has removed what it had begun. */
export async function untilNothingUnfinished(dataDir: string, withinMs = 10_000): Promise<void> {
  const what = `${dataDir} to hold no unfinished file`;
  await until({ what, withinMs, pollMs: 10 }, async () => (await unfinishedFiles(dataDir)).length === 0);
}
