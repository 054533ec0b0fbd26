import type { MembershipSnapshot, ServerId } from '../placement/membership.ts';
import type { InventoryRecords, JobStates, RepairRecords, Replica, ReplicaMoves } from './replica-ports.ts';
import type { Heartbeat, ServerRegistry } from './server-registry.ts';

export type { Replica } from './replica-ports.ts';

/**
 * What the use cases need from the outside. metadata/ implements Metadata over PostgreSQL, nodes/ implements
 * Nodes over gRPC; a simulation implements both in memory.
 */

/** A file has exactly this many chunks. */
export const CHUNKS_PER_FILE = 6;

// ---------------------------------------------------------------- metadata

export interface ReservedChunk {
  readonly chunkId: string;
  readonly chunkNumber: number;
  /** Where the replicas will be written; the first is the primary. */
  readonly serverIds: readonly ServerId[];
}

export interface Reservation {
  readonly fileId: string;
  readonly sessionId: string;
  /** Content of an object: kept while versions refer to it, and no concern of the listing of files. */
  readonly isObject: boolean;
  readonly filename: string;
  readonly contentType: string;
  /** What the client declared; null when it declared nothing. */
  readonly declaredBytes: number | null;
  /** Bytes of one stripe unit: unit i of the file lies in chunk i mod 6. */
  readonly unitBytes: number;
  /** The session expires this long after the reservation or its last renewal, by the database's clock. */
  readonly leaseMs: number;
  readonly chunks: readonly ReservedChunk[];
}

export interface WrittenChunk {
  readonly chunkId: string;
  readonly chunkNumber: number;
  readonly sizeBytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** The nodes that have confirmed the chunk on their disks; the first is the primary. */
  readonly serverIds: readonly ServerId[];
}

export interface Commit {
  readonly fileId: string;
  readonly sessionId: string;
  readonly sizeBytes: number;
  /** Null for the content of an object, which has its ETag and its chunks' hashes. */
  readonly sha256: string | null;
  /** The unit that was used, when it differs from the reservation's (a short file of undeclared size). */
  readonly unitBytes: number;
  readonly chunks: readonly WrittenChunk[];
}

export type UploadStatus = 'pending' | 'uploading' | 'completed' | 'failed';

export interface FileSummary {
  readonly fileId: string;
  readonly filename: string;
  readonly contentType: string;
  /** Bytes; for a file that is not completed, what has been received so far. */
  readonly sizeBytes: number;
  /** SHA-256 in lower-case hexadecimal; null until completed. */
  readonly sha256: string | null;
  readonly uploadStatus: UploadStatus;
  readonly createdAt: Date;
}

export interface FileRecord extends FileSummary {
  readonly unitBytes: number;
  /** In order of chunkNumber. Six for a completed file; a row that another program inserted may have fewer. */
  readonly chunks: readonly WrittenChunk[];
}

export interface FilePage {
  readonly files: readonly FileSummary[];
  readonly total: number;
}

/**
 * Every method throws StoreError DatabaseUnavailable when the database cannot be reached or does not answer
 * within its deadline. A statement is repeated only where repeating it is safe.
 */
export interface Metadata extends ServerRegistry, ReplicaMoves, RepairRecords, InventoryRecords, JobStates {
  /** One round trip: file `uploading`, session `active`, six chunks. Idempotent: the ids are the caller's. */
  reserve(reservation: Reservation): Promise<void>;
  /** Records, before it is written, that a replica is going to lie on another node than was reserved. */
  addReplica(sessionId: string, replica: Replica): Promise<void>;
  /**
   * One round trip, all or nothing. Resolves with the completed file; `undefined` when the session is no longer active
   * (expired or cancelled), in which case nothing was changed. Throws OutcomeUnknown when the answer was lost
   * and could not be found out: then nothing may be deleted; cleanup decides once the lease is over.
   */
  commit(commit: Commit): Promise<FileSummary | undefined>;
  /**
   * Ends an active session: the file's rows go, every replica it may have is queued for deletion.
   * Resolves with the queued replicas; with none when the session is not active any more.
   */
  cancel(sessionId: string): Promise<readonly Replica[]>;
  /** Extends active sessions and stores their progress. Resolves with the ids of those still active. */
  renewSessions(
    progress: readonly { sessionId: string; receivedBytes: number }[],
    leaseMs: number,
  ): Promise<readonly string[]>;

  file(fileId: string): Promise<FileRecord | undefined>;
  /** Oldest first, by (created_at, file_id). `page` counts from 1. */
  listFiles(page: number, perPage: number, status: UploadStatus | undefined): Promise<FilePage>;
  /**
   * Removes a completed file's rows and queues its replicas for deletion, in one statement.
   * Resolves with the queued replicas; `undefined` when there is no such completed file.
   */
  deleteFile(fileId: string): Promise<readonly Replica[] | undefined>;

  /** Forgets queued deletions that have been carried out. */
  deletionsDone(replicas: readonly Replica[]): Promise<void>;
  /** Queued deletions that are due, oldest first; each is leased for `leaseMs` so that a failed one comes up again with back-off. */
  takeDueDeletions(limit: number, leaseMs: number): Promise<readonly Replica[]>;
  /**
   * Servers that were away are back: what is to be deleted there is due in `withinMs` at the latest, which must not be
   * shorter than the lease of a deletion that has just been taken.
   */
  hastenDeletions(serverIds: readonly ServerId[], withinMs: number): Promise<void>;
  /**
   * Ends up to `limit` sessions whose lease is over, as `cancel` does, and as many of what else waits for cleanup: parts
   * and files that were too many to go at once. Resolves with how many of all these were ended.
   */
  expireSessions(limit: number): Promise<number>;
  /** Forgets up to `limit` sessions that ended so long ago that nobody asks for them any more. Resolves with how many. */
  forgetSessions(limit: number): Promise<number>;

  /**
   * Runs `job` while holding the advisory lock `name`; resolves with undefined, without running it, when another gateway
   * holds it. `lost` aborts when the lock is lost with its connection: the job must stop.
   */
  withJobLock<T>(name: string, job: (lost: AbortSignal) => Promise<T>): Promise<T | undefined>;
  /** One trivial round trip. */
  ping(): Promise<void>;
}

// ------------------------------------------------------------------- nodes

/** Why a node did not do what it was asked. Decides whether another replica or another node is tried. */
export type NodeFailureKind =
  | 'absent' // the node is there, the chunk is not
  | 'damaged' // the chunk is there and its bytes are not what was written
  | 'full'
  | 'refused' // the node understood and said no: retrying cannot help
  | 'unavailable' // connection refused or broken, breaker open, node stopping
  | 'deadline'
  | 'cancelled'; // by us, or by a node because we took nothing for long

export class NodeFailure extends Error {
  override name = 'NodeFailure';
  readonly kind: NodeFailureKind;
  readonly serverId: ServerId;
  constructor(kind: NodeFailureKind, serverId: ServerId, message: string, cause?: unknown) {
    super(`node ${serverId}: ${message}`, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.serverId = serverId;
  }
}

export interface ChunkWriter {
  readonly serverId: ServerId;
  /**
   * Sends one message that frameData() made. Resolves when the transport has taken it and its memory may be
   * used again; throws NodeFailure. Call it again only after it has resolved.
   */
  write(frame: Buffer): Promise<void>;
  /** Ends the chunk. Resolves once the node has it on disk, with what the node counted itself. Throws NodeFailure. */
  finish(totalBytes: number): Promise<{ sizeBytes: number; sha256: string }>;
  /** Gives up: the node throws away what it got. Never throws. */
  abort(): void;
}

/** Bytes in memory that is used again. */
export interface LentBytes {
  readonly data: Buffer;
  /** To be called once, when `data` is not needed any more. */
  giveBack(): void;
}

export interface ChunkReader {
  readonly serverId: ServerId;
  /** The next verified bytes, in order; undefined at the end. Throws NodeFailure. One call at a time. */
  next(): Promise<LentBytes | undefined>;
  cancel(): void;
}

export interface ByteSpan {
  readonly offset: number;
  readonly length: number;
}

/** Calls to storage nodes. Each has a deadline and passes the node's circuit breaker. */
export interface Nodes {
  writeChunk(serverId: ServerId, chunkId: string, signal: AbortSignal): ChunkWriter;
  /** `messageBytes` is the largest piece that next() resolves with. */
  readChunk(
    serverId: ServerId,
    chunkId: string,
    span: ByteSpan,
    messageBytes: number,
    signal: AbortSignal,
  ): ChunkReader;
  /** Resolves also when the chunk was not there. Throws NodeFailure. */
  deleteChunk(serverId: ServerId, chunkId: string): Promise<void>;
  /**
   * Has the node read a whole chunk from its disk. Resolves with what it found, which is undamaged; throws NodeFailure,
   * `damaged` or `absent` among others. `sizeBytes`, what is expected, decides how long it may take.
   */
  verifyChunk(
    serverId: ServerId,
    chunkId: string,
    sizeBytes: number,
    signal: AbortSignal,
  ): Promise<{ readonly sizeBytes: number; readonly sha256: string }>;
  /** Ids of chunks on the node's disk, those after `afterId`, in bytewise order, at most `limit`. Throws NodeFailure. */
  listChunks(serverId: ServerId, afterId: string, limit: number, signal: AbortSignal): Promise<readonly string[]>;
  /** Asks an address who it is and how full. Throws NodeFailure. */
  probe(grpcAddress: string): Promise<Heartbeat>;
  /** Takes over the addresses of a new membership; connections to servers that left are closed. */
  update(membership: MembershipSnapshot): void;
  /** A server was started again, or was silent and is heard of: that calls to it failed before says nothing any more. */
  returned(serverId: ServerId): void;
  /** False while the node's circuit breaker is open: reads prefer other replicas, writes other nodes. */
  isReachable(serverId: ServerId): boolean;
}
