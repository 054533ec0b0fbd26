import type { ServerId } from '../placement/membership.ts';

/** What keeping replicas whole needs from the database: a part of the Metadata port (ports.ts). */

/** One copy of a chunk on one node. */
export interface Replica {
  readonly chunkId: string;
  readonly serverId: ServerId;
}

/** A completed chunk and where it lies. */
export interface ChunkRecord {
  readonly chunkId: string;
  readonly sizeBytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Every server that is to have a replica; the first is the primary. */
  readonly serverIds: readonly ServerId[];
}

/** `gone`: there is no such completed chunk. `busy`: somebody else is making or deleting this very replica. */
export type ClaimOutcome = 'claimed' | 'gone' | 'busy';

/**
 * The life of a replica outside of an upload: claim, copy, place; or abandon. While a claim lasts nobody deletes the
 * replica, and while a deletion of it may be under way nobody can claim it.
 */
export interface ReplicaMoves {
  /** Announces that a replica is going to be made, or looked at. A queued deletion that nobody has begun is taken back. */
  claimReplica(replica: Replica, leaseMs: number): Promise<ClaimOutcome>;
  /** Resolves with false when the claim is gone. */
  renewClaim(replica: Replica, leaseMs: number): Promise<boolean>;
  /**
   * Lists a claimed replica, which is on its node's disk, in its chunk's row, and ends the claim. `instead` leaves the row
   * and is queued for deletion. What was known to be wrong with either is forgotten. All or nothing: when the claim or
   * the chunk is gone, or the row does not list `instead` any more, the replica is queued for deletion and the
   * answer is false.
   */
  placeReplica(replica: Replica, instead: ServerId | undefined): Promise<boolean>;
  /** Ends a claim; the replica is queued for deletion unless its chunk's row lists it. */
  abandonReplica(replica: Replica): Promise<void>;
  /** Does the same for up to `limit` claims whose lease is over. Resolves with how many there were. */
  expireClaims(limit: number): Promise<number>;
  /**
   * Takes a replica out of its chunk's row and queues it for deletion, provided that the row lists it and all of `kept`, and
   * nothing is known to be wrong with those. Resolves with whether it did.
   */
  dropReplica(replica: Replica, kept: readonly ServerId[]): Promise<boolean>;
}

/** What a read can find wrong with a replica. */
export type ProblemKind = 'absent' | 'damaged';

export interface ReplicaProblem extends Replica {
  readonly kind: ProblemKind;
}

/** A completed chunk with all that decides whether it needs a repair. */
export interface ChunkInDoubt extends ChunkRecord {
  readonly fileId: string;
  /** Known problems of its replicas. */
  readonly problems: ReadonlyMap<ServerId, ProblemKind>;
  /** Servers of the other chunks of its file. */
  readonly siblingServerIds: readonly ServerId[];
  /** Set when an earlier repair failed. */
  readonly failure: { readonly isLost: boolean } | undefined;
}

export interface DoubtPage {
  readonly chunks: readonly ChunkInDoubt[];
  /** Where the next page begins; undefined after the last. */
  readonly nextAfter: string | undefined;
}

export interface LostChunk extends ChunkRecord {
  readonly fileId: string;
  readonly chunkNumber: number;
  readonly reason: string;
  readonly attempts: number;
  readonly failedAt: Date;
}

/** What repair knows and remembers. */
export interface RepairRecords {
  /** Records problems of replicas that their chunks' rows still list. Resolves with how many were new. */
  recordProblems(problems: readonly ReplicaProblem[]): Promise<number>;
  /**
   * Looks at `limit` chunks after `afterId`, in order of their ids, and gives those that need a closer look: not exactly
   * `replicas` of them, one on a server that is not among `healthy`, a known problem, or a failed repair that is due again.
   */
  chunksInDoubt(afterId: string, limit: number, healthy: readonly ServerId[], replicas: number): Promise<DoubtPage>;
  /** Remembers that a repair failed; the chunk is in doubt again after `retryMs`, doubled with each failure up to 16 times that. */
  repairFailed(
    chunkId: string,
    failure: { readonly isLost: boolean; readonly reason: string },
    retryMs: number,
  ): Promise<void>;
  /** Forgets that repairs of the chunk failed. */
  repairDone(chunkId: string): Promise<void>;
  /** How many chunks are lost, and the first `limit` of them, the longest lost first. */
  lostChunks(limit: number): Promise<{ readonly total: number; readonly chunks: readonly LostChunk[] }>;
  /** How many known problems there are, by kind. */
  countProblems(): Promise<Readonly<Record<ProblemKind, number>>>;
}

/** What the jobs need that go through everything that is stored. */
export interface InventoryRecords {
  /** Completed chunks with ids after `afterId`, in order, at most `limit`. */
  chunksAfter(afterId: string, limit: number): Promise<readonly ChunkRecord[]>;
  /** Bytes of all replicas that are listed. */
  replicaBytes(): Promise<number>;
  /** Completed chunks that list the server and have no known problem there, with ids after `afterId` and up to `untilId`, in order. */
  chunksOn(
    serverId: ServerId,
    afterId: string,
    untilId: string | undefined,
    limit: number,
  ): Promise<readonly ChunkRecord[]>;
  /** Those of the chunks that are completed and do not list the server. */
  chunksNotOn(serverId: ServerId, chunkIds: readonly string[]): Promise<readonly ChunkInDoubt[]>;
  /**
   * Takes note of which of these chunk files, found on the server, are orphans: no row lists them, nobody claims them and
   * they are not queued for deletion. Those that have been orphans for `graceMs`, by the database's clock, are queued.
   */
  noteOrphans(
    serverId: ServerId,
    chunkIds: readonly string[],
    graceMs: number,
  ): Promise<{ readonly waiting: number; readonly queued: number }>;
  /** Forgets orphans of the server that were not found again since `sinceMs`, by the database's clock. */
  forgetOrphans(serverId: ServerId, sinceMs: number): Promise<void>;
}

/** What a job left for its next run, and the moments around it by the database's clock. */
export interface JobState<T> {
  readonly state: T | undefined;
  readonly updatedAtMs: number;
  readonly nowMs: number;
}

export interface JobStates {
  jobState<T>(job: string): Promise<JobState<T>>;
  saveJobState<T>(job: string, state: T): Promise<void>;
}
