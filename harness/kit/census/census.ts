import type { Target } from '../cluster/target.ts';
import { until } from '../testing/until.ts';
import { type NodeDisk, readDisks } from './chunk-files.ts';
import { type ChunkRow, type FileRow, MetadataTables } from './metadata-tables.ts';

/**
 * Compares what the tables say with what lies on the nodes' disks. It tries to catch space that nobody gives
 * back, and replicas that were promised and are not there.
 */
export interface CensusOptions {
  /** Each chunk must lie on just as many nodes. */
  readonly replicas: number;
  readonly withinMs?: number;
}

const defaultWithinMs = 20_000;

/** Waits until tables and disks agree, on a store where nothing else goes on. Throws with what does not agree. */
export async function untilCensusIsClean(target: Target, options: CensusOptions): Promise<void> {
  let differences: string[] = [];
  const withinMs = options.withinMs ?? defaultWithinMs;
  try {
    await until({ what: 'a clean census', withinMs, pollMs: 200 }, async () => {
      differences = await takeCensus(target, options.replicas);
      return differences.length === 0;
    });
  } catch (error) {
    const shown = differences.slice(0, differencesShown).join('\n  ');
    throw new Error(
      `after ${withinMs / 1000} s tables and disks still differ in ${differences.length} places:\n  ${shown}`,
      { cause: error },
    );
  }
}

const differencesShown = 12;

/** What does not agree now, in sentences; empty when all does. */
export async function takeCensus(target: Target, replicas: number): Promise<string[]> {
  await using tables = await MetadataTables.connect(databaseOf(target));
  const disks = await readDisks(target.nodes);
  const [files, chunks, active] = [await tables.files(), await tables.chunks(), await tables.activeSessions()];
  return [
    ...(active === 0 ? [] : [`${active} upload sessions are active`]),
    ...unfinishedFiles(files),
    ...disks.flatMap(({ serverId, unfinished }) =>
      unfinished.map((name) => `${serverId} holds the unfinished file ${name}`),
    ),
    ...unownedChunks(disks, chunks).map(({ serverId, chunkId }) => `${serverId} holds ${chunkId}, a chunk of no file`),
    ...chunks.flatMap((chunk) => replicaComplaints(chunk, disks, replicas)),
  ];
}

function unfinishedFiles(files: readonly FileRow[]): string[] {
  return files
    .filter(({ upload_status }) => upload_status !== 'completed')
    .map(({ file_id, filename, upload_status }) => `file ${file_id} (${filename}) is ${upload_status}`);
}

/** Chunk files that no row of `chunks` knows. */
export function unownedChunks(
  disks: readonly NodeDisk[],
  chunks: readonly ChunkRow[],
): { serverId: string; chunkId: string }[] {
  const owned = new Set(chunks.map(({ chunk_id }) => chunk_id));
  return disks.flatMap(({ serverId, chunkIds }) =>
    chunkIds.filter((chunkId) => !owned.has(chunkId)).map((chunkId) => ({ serverId, chunkId })),
  );
}

function replicaComplaints(chunk: ChunkRow, disks: readonly NodeDisk[], replicas: number): string[] {
  const holders = disks.filter(({ chunkIds }) => chunkIds.includes(chunk.chunk_id)).map(({ serverId }) => serverId);
  const which = `chunk ${chunk.chunk_id} of file ${chunk.file_id}`;
  if (holders.length !== replicas) return [`${which} lies on ${holders.length} nodes, expected ${replicas}`];
  if (!holders.includes(chunk.storage_server_id)) return [`${which} is missing on its primary`];
  return [];
}

export function databaseOf({ databaseUrl }: Target): string {
  if (databaseUrl === null) throw new Error('the database of this target cannot be read');
  return databaseUrl;
}
