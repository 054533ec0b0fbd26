import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Target, TargetNode } from '../cluster/target.ts';
import { until } from '../testing/until.ts';
import { unlessAbsent } from '../tools/unless-absent.ts';
import { databaseOf } from './census.ts';
import { type Inspection, inspectChunkFile } from './chunk-file.ts';
import { MetadataTables, type PromisedChunk } from './metadata-tables.ts';

/**
 * What lies on the disks, asked of nobody: every chunk file of every node is read to its end, judged by its own
 * checksums, and compared with PostgreSQL's tables. It tries to catch a system that believes its own lists.
 */
export interface PhysicalCensus {
  /** Of every chunk of every completed file. */
  readonly chunks: readonly ChunkStanding[];
  /** Files of a chunk that no completed file has. */
  readonly orphans: readonly FoundReplica[];
  /** Files that are not what they say, or not what the tables say. */
  readonly damaged: readonly (FoundReplica & { readonly what: string })[];
  /** Bytes of good chunks on each node, by server id. */
  readonly goodBytes: ReadonlyMap<string, number>;
}

export interface ChunkStanding {
  readonly chunk: PromisedChunk;
  /** Server ids of the nodes that hold a good replica. */
  readonly good: readonly string[];
}

export interface FoundReplica {
  readonly serverId: string;
  readonly chunkId: string;
  readonly path: string;
}

/** Files that are read at the same time; each takes some 1.5 MiB of memory. */
const readersMax = 4;

/** `nodes` default to all of the target; a node that is lost for ever is left out, and so is its disk. */
export async function takePhysicalCensus(
  target: Target,
  nodes: readonly TargetNode[] = target.nodes,
): Promise<PhysicalCensus> {
  const found: (FoundReplica & { readonly inspection: Inspection })[] = [];
  const files = chunkFilesOf(nodes);
  const reader = async () => {
    for await (const file of files) {
      // A file can be deleted while the census is under way: then it is not there.
      const inspection = await inspectChunkFile(file.path, file.chunkId).catch(unlessAbsent);
      if (inspection !== undefined) found.push({ ...file, inspection });
    }
  };
  await Promise.all(Array.from({ length: readersMax }, reader));
  // The tables after the disks: a file that was committed meanwhile is then not taken for an orphan.
  await using tables = await MetadataTables.connect(databaseOf(target));
  return judge(await tables.promisedChunks(), found);
}

/** Pure: what was found, against what was promised. */
export function judge(
  promised: readonly PromisedChunk[],
  found: readonly (FoundReplica & { readonly inspection: Inspection })[],
): PhysicalCensus {
  const byId = new Map(promised.map((chunk) => [chunk.chunk_id, chunk]));
  const good = new Map<string, string[]>();
  const goodBytes = new Map<string, number>();
  const orphans: FoundReplica[] = [];
  const damaged: (FoundReplica & { what: string })[] = [];
  for (const { inspection, ...replica } of found) {
    const chunk = byId.get(replica.chunkId);
    if (chunk === undefined) orphans.push(replica);
    else if (inspection.state === 'damaged') damaged.push({ ...replica, what: inspection.what });
    else if (inspection.sha256 !== chunk.chunk_hash || inspection.sizeBytes !== Number(chunk.chunk_size)) {
      damaged.push({ ...replica, what: 'whole, but not the bytes that the tables promise' });
    } else {
      good.set(replica.chunkId, [...(good.get(replica.chunkId) ?? []), replica.serverId]);
      goodBytes.set(replica.serverId, (goodBytes.get(replica.serverId) ?? 0) + inspection.sizeBytes);
    }
  }
  const chunks = promised.map((chunk) => ({ chunk, good: good.get(chunk.chunk_id) ?? [] }));
  return { chunks, orphans, damaged, goodBytes };
}

/** What keeps the store from having `replicas` good replicas of each chunk, all listed, and no others; in sentences. */
export function complaints({ chunks, orphans, damaged }: PhysicalCensus, replicas: number): string[] {
  return [
    ...chunks.flatMap(({ chunk, good }) => standingComplaints(chunk, good, replicas)),
    ...damaged.map(({ serverId, chunkId, what }) => `${serverId} holds ${chunkId} damaged: ${what}`),
    ...orphans.map(({ serverId, chunkId }) => `${serverId} holds ${chunkId}, a chunk of no completed file`),
  ];
}

function standingComplaints(chunk: PromisedChunk, good: readonly string[], replicas: number): string[] {
  const which = `chunk ${chunk.chunk_id} of file ${chunk.file_id}`;
  const listed = [...new Set([chunk.storage_server_id, ...chunk.replica_server_ids])];
  if (good.length !== replicas) return [`${which} has ${good.length} good replicas, expected ${replicas}`];
  const unlisted = good.filter((serverId) => !listed.includes(serverId));
  if (unlisted.length > 0) return [`${which} lies on ${unlisted.join(', ')}, which the tables do not say`];
  const missing = listed.filter((serverId) => !good.includes(serverId));
  return missing.length > 0 ? [`${which} shall lie on ${missing.join(', ')} too, and does not`] : [];
}

export interface RepairedOptions {
  /** Good replicas that each chunk must have. */
  readonly replicas: number;
  readonly withinMs: number;
  readonly nodes?: readonly TargetNode[];
}

/** Waits until every disk holds just what it should. Gives back the census that was clean. */
export async function untilPhysicallyWhole(target: Target, options: RepairedOptions): Promise<PhysicalCensus> {
  const { replicas, withinMs, nodes = target.nodes } = options;
  let left: string[] = [];
  try {
    return await until({ what: `${replicas} good replicas of each chunk`, withinMs, pollMs: 500 }, async () => {
      // Names cost nothing; every byte of the disks is read only once these agree.
      left = await namesThatDiffer(target, nodes, replicas);
      if (left.length > 0) return undefined;
      const census = await takePhysicalCensus(target, nodes);
      left = complaints(census, replicas);
      return left.length === 0 ? census : undefined;
    });
  } catch (error) {
    const shown = left.slice(0, complaintsShown).join('\n  ');
    throw new Error(`after ${withinMs / 1000} s the disks still have ${left.length} faults:\n  ${shown}`, {
      cause: error,
    });
  }
}

const complaintsShown = 12;

async function namesThatDiffer(target: Target, nodes: readonly TargetNode[], replicas: number): Promise<string[]> {
  const holders = new Map<string, number>();
  for await (const { chunkId } of chunkFilesOf(nodes)) holders.set(chunkId, (holders.get(chunkId) ?? 0) + 1);
  await using tables = await MetadataTables.connect(databaseOf(target));
  const promised = await tables.promisedChunks();
  const wrong = promised
    .filter(({ chunk_id }) => holders.get(chunk_id) !== replicas)
    .map(({ chunk_id }) => `chunk ${chunk_id} lies on ${holders.get(chunk_id) ?? 0} nodes, expected ${replicas}`);
  const known = new Set(promised.map(({ chunk_id }) => chunk_id));
  const orphans = [...holders.keys()].filter((chunkId) => !known.has(chunkId));
  return [...wrong, ...orphans.map((chunkId) => `${chunkId} is a chunk of no completed file`)];
}

/** Every chunk file of the nodes, named as it is found. Shared by several readers, each file goes to one of them. */
export async function* chunkFilesOf(nodes: readonly TargetNode[]): AsyncGenerator<FoundReplica> {
  for (const { serverId, dataDir } of nodes) {
    if (dataDir === null) throw new Error(`the disk of ${serverId} is not on this machine`);
    const folder = join(dataDir, 'chunks');
    for await (const entry of await opendir(folder, { recursive: true })) {
      if (entry.isFile()) yield { serverId, chunkId: entry.name, path: join(entry.parentPath, entry.name) };
    }
  }
}
