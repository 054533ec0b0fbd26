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
