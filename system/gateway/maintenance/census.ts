import type { Failpoints } from '../../common/failpoint.ts';
import type { Logger } from '../../common/log.ts';
import type { GatewayFailpoint } from '../failpoints.ts';
import type { BytePace } from '../objects/byte-pace.ts';
import type { CensusState } from '../objects/care-report.ts';
import { type Metadata, NodeFailure, type Nodes } from '../objects/ports.ts';
import type { ChunkInDoubt, ChunkRecord } from '../objects/replica-ports.ts';
import { verifyReplica } from '../objects/verify-replica.ts';
import type { ServerId } from '../placement/membership.ts';
import { planRepair } from '../placement/repair-plan.ts';
import type { ServerStandings } from '../placement/server-standing.ts';
import { FIRST_CHUNK_ID } from './first-chunk-id.ts';
import type { JobOutcome } from './job-loop.ts';

const FILES_PER_STEP = 5_000;
const CLAIM_LEASE_MS = 600_000;

export interface CensusDeps {
  readonly metadata: Metadata;
  readonly nodes: Nodes;
  readonly log: Logger;
  readonly failpoints: Failpoints<GatewayFailpoint>;
  readonly pace: BytePace;
  readonly standings: ServerStandings;
  readonly replicas: number;
  readonly orphanGraceMs: number;
  /** Called when there is something for repair to do. */
  readonly onProblems: () => void;
  /** Called when orphans have to become older before they are deleted. */
  readonly onOrphansWaiting: () => void;
  readonly onDeletionsQueued: () => void;
}

/**
 * Compares what is on the nodes' disks with what the rows list, server by server, both in the order of their ids and a
 * page at a time. Files of no row are orphans; rows without a file have lost a replica; and a file that its chunk's row
 * has given up is used again where the chunk needs it.
 */
export async function census(deps: CensusDeps, signal: AbortSignal): Promise<JobOutcome> {
  const done = await deps.metadata.withJobLock('census', async (lost) => {
    const { nowMs } = await deps.metadata.jobState('census');
    const run = new CensusRun(deps, nowMs, AbortSignal.any([signal, lost]));
    await run.countAll();
    return 'done' as const;
  });
  return done ?? 'busy';
}

class CensusRun {
  readonly #deps: CensusDeps;
  readonly #signal: AbortSignal;
  #state: CensusState;

  constructor(deps: CensusDeps, nowMs: number, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
    this.#state = {
      state: 'running',
      startedAtMs: nowMs,
      finishedAtMs: null,
      servers: 0,
      unreachableServers: 0,
      files: 0,
      orphansWaiting: 0,
      orphansQueued: 0,
      foreignFiles: 0,
      absentReplicas: 0,
      adoptedReplicas: 0,
    };
  }

  async countAll(): Promise<void> {
    const { metadata, log, standings } = this.#deps;
    const servers = await metadata.servers();
    standings.update(servers);
    await this.#save();
    for (const { serverId, status } of servers) {
      if (status === 'inactive') continue;
      await this.#count(serverId);
      await this.#deps.failpoints.reach('census.mid-way');
      this.#signal.throwIfAborted();
      await this.#save();
    }
    const { nowMs } = await metadata.jobState('census');
    this.#state = { ...this.#state, state: 'idle', finishedAtMs: nowMs };
    await this.#save();
    const { orphansWaiting, orphansQueued, absentReplicas, adoptedReplicas } = this.#state;
    if (orphansQueued + absentReplicas + adoptedReplicas > 0) log.info(this.#state, 'the census found differences');
    if (absentReplicas + adoptedReplicas > 0) this.#deps.onProblems();
    if (orphansQueued > 0) this.#deps.onDeletionsQueued();
    if (orphansWaiting > 0) this.#deps.onOrphansWaiting();
  }

  async #count(serverId: ServerId): Promise<void> {
    try {
      await this.#compare(serverId);
      await this.#deps.metadata.forgetOrphans(serverId, this.#state.startedAtMs);
      this.#add({ servers: 1 });
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!(error instanceof NodeFailure)) throw error;
      this.#deps.log.warn({ err: error, serverId }, 'a storage server could not be asked what it holds');
      this.#add({ unreachableServers: 1 });
    }
  }

  async #compare(serverId: ServerId): Promise<void> {
    let listedAfter = '';
    let rowsAfter = FIRST_CHUNK_ID;
    for (;;) {
      const names = await this.#deps.nodes.listChunks(serverId, listedAfter, FILES_PER_STEP, this.#signal);
      const isLast = names.length < FILES_PER_STEP;
      const ids = names.filter(isOurs);
      this.#add({ files: ids.length, foreignFiles: names.length - ids.length });
      await this.#lookAtFiles(serverId, ids);
      // Rows are compared up to the last file of the page, or to their end.
      const until = isLast ? undefined : ids.at(-1);
      if (isLast || until !== undefined) await this.#lookAtRows(serverId, rowsAfter, until, new Set(ids));
      rowsAfter = until ?? rowsAfter;
      listedAfter = names.at(-1) ?? '';
      if (isLast || this.#signal.aborted) return;
    }
  }

  async #lookAtFiles(serverId: ServerId, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const { metadata, orphanGraceMs, failpoints } = this.#deps;
    for (const chunk of await metadata.chunksNotOn(serverId, ids)) await this.#adoptIfWanted(serverId, chunk);
    await failpoints.reach('census.before-orphans');
    const { waiting, queued } = await metadata.noteOrphans(serverId, ids, orphanGraceMs);
    this.#add({ orphansWaiting: waiting, orphansQueued: queued });
  }

  /** A server that was away came back with a replica that its chunk had to do without since. */
  async #adoptIfWanted(serverId: ServerId, chunk: ChunkInDoubt): Promise<void> {
    const { metadata, standings, replicas, log } = this.#deps;
    const plan = planRepair(
      chunk,
      replicas,
      (id) => standings.of(id),
      () => 0,
    );
    if (plan.kind !== 'make' || standings.of(serverId) !== 'settled') return;
    const replica = { chunkId: chunk.chunkId, serverId };
    if ((await metadata.claimReplica(replica, CLAIM_LEASE_MS)) !== 'claimed') return;
    const isGood = (await verifyReplica(this.#deps, chunk, serverId, this.#signal)) === 'good';
    if (!isGood) return metadata.abandonReplica(replica);
    if (await metadata.placeReplica(replica, undefined)) {
      log.info(replica, 'a replica that its chunk had given up is used again');
      this.#add({ adoptedReplicas: 1 });
    }
  }

  async #lookAtRows(
    serverId: ServerId,
    after: string,
    until: string | undefined,
    files: ReadonlySet<string>,
  ): Promise<void> {
    let from = after;
    while (!this.#signal.aborted) {
      const rows = await this.#deps.metadata.chunksOn(serverId, from, until, FILES_PER_STEP);
      for (const row of rows) if (!files.has(row.chunkId)) await this.#lookAgain(serverId, row);
      const last = rows.at(-1);
      if (last === undefined || rows.length < FILES_PER_STEP) return;
      from = last.chunkId;
    }
  }

  /** The chunk may have been stored after the node was asked, so it is asked once more, for this one. */
  async #lookAgain(serverId: ServerId, chunk: ChunkRecord): Promise<void> {
    const verdict = await verifyReplica(this.#deps, chunk, serverId, this.#signal);
    if (verdict !== 'absent' && verdict !== 'damaged') return;
    const { chunkId } = chunk;
    const recorded = await this.#deps.metadata.recordProblems([{ chunkId, serverId, kind: verdict }]);
    this.#add({ absentReplicas: recorded });
  }

  #add(counts: Partial<Record<keyof CensusState, number>>): void {
    const sums = Object.entries(counts).map(([key, count]) => [
      key,
      Number(this.#state[key as keyof CensusState]) + count,
    ]);
    this.#state = { ...this.#state, ...Object.fromEntries(sums) };
  }

  async #save(): Promise<void> {
    await this.#deps.metadata.saveJobState('census', this.#state);
  }
}

/** Ids of this store are UUIDs as PostgreSQL writes them; so the two orders are the same. */
function isOurs(chunkId: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(chunkId);
}
