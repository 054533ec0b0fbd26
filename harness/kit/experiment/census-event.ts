import { databaseOf, takeCensus } from '../census/census.ts';
import { readDisks } from '../census/chunk-files.ts';
import { MetadataTables } from '../census/metadata-tables.ts';
import { type PhysicalCensus, takePhysicalCensus } from '../census/physical-census.ts';
import type { Target } from '../cluster/target.ts';
import type { CensusEvent } from '../history/events.ts';
import { until, WaitedInVain } from '../testing/until.ts';

export type Findings = Pick<CensusEvent, 'orphans' | 'missing' | 'leaked'>;

export interface Mended {
  readonly findings: Findings;
  /** Whether a chunk was given up. */
  readonly isLost: boolean;
}

export interface MendingOptions {
  readonly replicas: number;
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/** So long a chunk must have been without a good replica to be given up: its file is not just being deleted. */
const lostForMs = 5_000;

/**
 * Gives the store time to mend itself and to clean up. What is found at the end, also when it is not all well. A chunk of which no
 * disk has a good replica never has one again, so with such a one the time is not waited for.
 */
export async function findingsOnceMended(target: Target, options: MendingOptions): Promise<Mended> {
  const { replicas, withinMs, signal } = options;
  const lost = new LostChunks();
  let looksAgainAtMs = performance.now();
  try {
    return await until({ what: 'a clean census', withinMs, pollMs: 500, signal }, async () => {
      // Names cost nothing; every byte of the disks is read only once these agree, and seldom while they do not.
      const isNamedRight = (await takeCensus(target, replicas)).length === 0;
      if (!isNamedRight && performance.now() < looksAgainAtMs) return undefined;
      looksAgainAtMs = performance.now() + lostForMs;
      const { findings, census } = await takeFindings(target, replicas);
      const isLost = lost.areCertain(census, performance.now());
      return isClean(findings) || isLost ? { findings, isLost } : undefined;
    });
  } catch (error) {
    if (!(error instanceof WaitedInVain)) throw error;
    return { findings: (await takeFindings(target, replicas)).findings, isLost: false };
  }
}

async function takeFindings(
  target: Target,
  replicas: number,
): Promise<{ readonly findings: Findings; readonly census: PhysicalCensus }> {
  const census = await takePhysicalCensus(target);
  return { census, findings: { ...ofReplicas(census, replicas), leaked: await leavings(target) } };
}

/** Chunks without any good replica, through several looks at the disks. */
export class LostChunks {
  /** By chunk id, since when. */
  #sinceMs = new Map<string, number>();

  /** Whether one has been lost in all looks of `lostForMs`. */
  areCertain({ chunks }: Pick<PhysicalCensus, 'chunks'>, nowMs: number): boolean {
    const lost = chunks.filter(({ good }) => good.length === 0).map(({ chunk }) => chunk.chunk_id);
    this.#sinceMs = new Map(lost.map((id) => [id, this.#sinceMs.get(id) ?? nowMs]));
    return [...this.#sinceMs.values()].some((sinceMs) => nowMs - sinceMs >= lostForMs);
  }
}

/** Pure. A damaged file beside enough good ones is garbage; a good one too many, or one that no row lists, is an orphan. */
export function ofReplicas({ chunks, orphans, damaged }: PhysicalCensus, replicas: number): Omit<Findings, 'leaked'> {
  const standings = chunks.map(({ chunk, good }) => {
    const listed = [...new Set([chunk.storage_server_id, ...chunk.replica_server_ids])];
    return { chunk, good, listed, kept: listed.filter((serverId) => good.includes(serverId)) };
  });
  const missing = standings.flatMap(({ chunk, good, listed, kept }) => {
    const lost = listed.filter((serverId) => !kept.includes(serverId));
    if (good.length >= replicas && lost.length === 0) return [];
    const whom = lost.length === 0 ? '' : `; ${lost.join(', ')} should hold it`;
    return [`chunk ${chunk.chunk_id} of file ${chunk.file_id} has ${good.length} good replicas of ${replicas}${whom}`];
  });
  const unlisted = standings.flatMap(({ chunk, good, listed }) =>
    good
      .filter((serverId) => !listed.includes(serverId))
      .map((serverId) => `${serverId} holds ${chunk.chunk_id}, which the tables do not say`),
  );
  const surplus = standings
    .filter(({ kept }) => kept.length > replicas)
    .map(({ chunk, kept }) => `${kept.join(', ')} hold ${chunk.chunk_id}, of which ${replicas} replicas are enough`);
  return {
    missing,
    orphans: [
      ...orphans.map(({ serverId, chunkId }) => `${serverId} holds ${chunkId}, a chunk of no completed file`),
      ...damaged.map(({ serverId, chunkId, what }) => `${serverId} holds ${chunkId} damaged: ${what}`),
      ...unlisted,
      ...surplus,
    ],
  };
}

async function leavings(target: Target): Promise<string[]> {
  await using tables = await MetadataTables.connect(databaseOf(target));
  const [files, active, disks] = [await tables.files(), await tables.activeSessions(), await readDisks(target.nodes)];
  return [
    ...(active === 0 ? [] : [`${active} upload sessions are active`]),
    ...files
      .filter(({ upload_status }) => upload_status !== 'completed')
      .map(({ file_id, filename, upload_status }) => `file ${file_id} (${filename}) is ${upload_status}`),
    ...disks.flatMap(({ serverId, unfinished }) =>
      unfinished.map((name) => `${serverId} holds the unfinished file ${name}`),
    ),
  ];
}

export function isClean({ orphans, missing, leaked }: Findings): boolean {
  return orphans.length + missing.length + leaked.length === 0;
}
