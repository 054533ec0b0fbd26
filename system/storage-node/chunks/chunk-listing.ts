import { join } from 'node:path';
import { type ChunkId, isChunkId, shardNames, shardOf } from './chunk-id.ts';
import { type Disk, diskErrorCode, type FileStat, isUnreadable } from './disk.ts';

export interface ListedChunk {
  readonly chunkId: ChunkId;
  readonly fileBytes: number;
  readonly storedAtMs: number;
}

/** Ids in memory at a time: about 10 MB. A listing of more reads the directories once for each such page. */
const LISTING_PAGE_IDS = 100_000;

/**
 * The chunks below `chunksDir` with ids after `afterId`, in ascending bytewise order, at most `limit` of them.
 * Not a snapshot: what is stored or deleted meanwhile may be there or not.
 */
export async function* listChunks(
  disk: Disk,
  chunksDir: string,
  afterId: string,
  limit: number,
  pageIds: number = LISTING_PAGE_IDS,
): AsyncGenerator<ListedChunk> {
  let after = afterId;
  let left = limit;
  while (left > 0) {
    const ids = await smallestIds(disk, chunksDir, after, Math.min(left, pageIds));
    for (const id of ids) {
      const found = await statIfThere(disk, join(chunksDir, shardOf(id), id));
      if (!found?.isFile) continue;
      yield { chunkId: id, fileBytes: found.sizeBytes, storedAtMs: found.modifiedAtMs };
      left--;
    }
    const last = ids.at(-1);
    if (last === undefined) return;
    after = last;
  }
}

/** Every chunk file and its directory, shard by shard, in no order, without holding more than one directory's names. */
export async function* everyChunkFile(
  disk: Disk,
  chunksDir: string,
): AsyncGenerator<{ readonly directory: string; readonly sizeBytes: number }> {
  for (const shard of shardNames) {
    const directory = join(chunksDir, shard);
    const names = (await disk.list(directory)).filter(isChunkId);
    for (let at = 0; at < names.length; at += STATS_AT_ONCE) {
      const batch = names.slice(at, at + STATS_AT_ONCE);
      const found = await Promise.all(batch.map((name) => statIfThere(disk, join(directory, name))));
      for (const stat of found) if (stat?.isFile) yield { directory, sizeBytes: stat.sizeBytes };
    }
  }
}

const STATS_AT_ONCE = 16;

async function smallestIds(disk: Disk, chunksDir: string, after: string, count: number): Promise<ChunkId[]> {
  let ids: ChunkId[] = [];
  for (const shard of shardNames) {
    const names = await disk.list(join(chunksDir, shard));
    for (const name of names) if (name > after && isChunkId(name)) ids.push(name);
    // Sorting only when twice as many as wanted have come together keeps this linear.
    if (ids.length > 2 * count) ids = ids.sort().slice(0, count);
  }
  return ids.sort().slice(0, count);
}

async function statIfThere(disk: Disk, path: string): Promise<FileStat | undefined> {
  try {
    return await disk.stat(path);
  } catch (error) {
    if (diskErrorCode(error) === 'ENOENT') return undefined;
    // Whoever asks learns that it is not here, and has it repaired; the others are here all the same.
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}
