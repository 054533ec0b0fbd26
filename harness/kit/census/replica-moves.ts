import { stat } from 'node:fs/promises';
import type { TargetNode } from '../cluster/target.ts';
import { chunkFilesOf } from './physical-census.ts';

/** Which chunk files lie where at one moment, and how large they are on the disk. Read from the disks, by name. */
export interface Layout {
  /** Bytes of the file, by server id, by chunk id. */
  readonly replicas: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export async function layoutOf(nodes: readonly TargetNode[]): Promise<Layout> {
  const replicas = new Map<string, Map<string, number>>(nodes.map(({ serverId }) => [serverId, new Map()]));
  for await (const { serverId, chunkId, path } of chunkFilesOf(nodes)) {
    const bytes = await stat(path).then(
      ({ size }) => size,
      () => undefined,
    );
    // What is deleted while the disks are read is gone.
    if (bytes !== undefined) replicas.get(serverId)?.set(chunkId, bytes);
  }
  return { replicas };
}

export function bytesPerServer({ replicas }: Layout): Map<string, number> {
  return new Map([...replicas].map(([serverId, files]) => [serverId, sum(files.values())]));
}

/** The fullest less the emptiest, as a part of the mean. */
export function spread(bytes: readonly number[]): number {
  return (Math.max(...bytes) - Math.min(...bytes)) / (sum(bytes) / bytes.length);
}

/**
 * What has moved between two moments: bytes of chunks that lay somewhere before and lie on another server now. `least`
 * is what must move of these chunks to lie evenly on `remaining`: all that lies on servers that are to be emptied, or all
 * that the servers hold above the mean. What clients stored or deleted meanwhile counts for neither.
 */
export function movedBytes(before: Layout, after: Layout, remaining: ReadonlySet<string>): Moved {
  const kept = new Set([...after.replicas.values()].flatMap((files) => [...files.keys()]));
  let moved = 0;
  const known = new Set([...before.replicas.values()].flatMap((files) => [...files.keys()]));
  for (const [serverId, files] of after.replicas) {
    const had = before.replicas.get(serverId);
    for (const [chunkId, bytes] of files) if (known.has(chunkId) && !had?.has(chunkId)) moved += bytes;
  }
  const stillOf = (files: ReadonlyMap<string, number>) =>
    sum([...files].filter(([chunkId]) => kept.has(chunkId)).map(([, bytes]) => bytes));
  const mean = sum([...before.replicas.values()].map(stillOf)) / remaining.size;
  let least = 0;
  for (const [serverId, files] of before.replicas) {
    const still = stillOf(files);
    least += remaining.has(serverId) ? Math.max(0, still - mean) : still;
  }
  return { moved, least };
}

export interface Moved {
  readonly moved: number;
  readonly least: number;
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const one of numbers) total += one;
  return total;
}
