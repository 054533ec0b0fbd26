import type { ServerId, ServerRecord, ServerStatus } from '../placement/membership.ts';
import type { PlacedChunk } from '../placement/rebalance-plan.ts';
import type { ChunkRecord } from './replica-ports.ts';

/** A storage server as an operator sees it, also one that was removed. */
export interface ServerReport extends ServerRecord {
  readonly lastHeartbeat: Date | null;
  /** Of chunks in any state, those of uploads under way included: a drain is over when there are none. */
  readonly replicas: number;
  readonly replicaBytes: number;
  /** Null unless the server is draining. */
  readonly drainStartedAt: Date | null;
}

/** What decides whether a server's status may change. */
export interface ServerState {
  readonly status: ServerStatus;
  /** Active servers beside this one. */
  readonly otherActive: number;
  /** Milliseconds since its last heartbeat; null when there never was one. */
  readonly heartbeatAgeMs: number | null;
}

/** A completed chunk that can be copied, and where its whole file lies. */
export interface MovableChunk extends ChunkRecord, PlacedChunk {}

/** What moves between servers. Moves are counted since the store was made. */
export interface RebalanceProgress {
  readonly state: 'idle' | 'draining' | 'balancing';
  /** By how much of the mean the fullest and the emptiest server differ. */
  readonly spread: number;
  /** Bytes that still have to move. */
  readonly leftBytes: number;
  readonly movedChunks: number;
  readonly movedBytes: number;
  readonly failedMoves: number;
  /** Null when it has never run. */
  readonly updatedAt: Date | null;
}

/** What operators and the jobs that move replicas need of the database: a port, implemented by metadata/. Throws as Metadata does. */
export interface ServerOperations {
  /** Every server, or the one that is named. It reads every chunk's row, or every one of that server. */
  serverReports(serverId?: ServerId): Promise<readonly ServerReport[]>;
  /**
   * Gives a server the status that `decide` answers. No other server changes in between, so two changes cannot both count on
   * each other's server. Resolves with false when there is no such server; rejects with what `decide` throws.
   */
  changeStatus(serverId: ServerId, decide: (state: ServerState) => ServerStatus): Promise<boolean>;
  /** Completed chunks with a replica on a server, in order of chunk id, after `afterChunkId`. */
  movableChunks(serverId: ServerId, afterChunkId: string, limit: number): Promise<readonly MovableChunk[]>;
  /** Gives a chunk another order of the same servers, if they are still the same. */
  reorderReplicas(chunkId: string, serverIds: readonly ServerId[]): Promise<void>;
  /**
   * Makes those draining servers `removed` that began no later than `begunMs` ago, and on which no chunk in any state has a
   * replica, nor is one being made. Resolves with their ids.
   */
  endDrains(begunMs: number): Promise<readonly ServerId[]>;
}
