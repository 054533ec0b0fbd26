import type { ServerRecord } from '../placement/membership.ts';
import type { StoreError } from './errors.ts';
import type {
  Commit,
  FilePage,
  FileRecord,
  FileSummary,
  Metadata,
  Replica,
  Reservation,
  WrittenChunk,
} from './ports.ts';
import type { ClaimOutcome } from './replica-ports.ts';

interface Session {
  readonly reservation: Reservation;
  readonly added: Replica[];
}

/** Metadata without a database: the same steps and the same conditions, in maps. */
export class MemoryMetadata implements Metadata {
  readonly sessions = new Map<string, Session>();
  readonly files = new Map<string, FileRecord>();
  readonly deletions = new Map<string, Replica>();
  /** Bytes that each session had received when it was last renewed. */
  readonly progress = new Map<string, number>();
  readonly claims = new Map<string, Replica>();
  /** Throws this instead of answering a commit, after having done it or not. */
  commitFails: { error: StoreError; happened: boolean } | undefined;

  async reserve(reservation: Reservation): Promise<void> {
    this.sessions.set(reservation.sessionId, { reservation, added: [] });
  }

  async addReplica(sessionId: string, replica: Replica): Promise<void> {
    this.sessions.get(sessionId)?.added.push(replica);
  }

  async commit(commit: Commit): Promise<FileSummary | undefined> {
    const session = this.sessions.get(commit.sessionId);
    if (session === undefined) return undefined;
    if (this.commitFails?.happened !== false) {
      const { fileId, filename, contentType } = session.reservation;
      const { sizeBytes, sha256, unitBytes, chunks } = commit;
      const uploadStatus = 'completed';
      const file: FileRecord = {
        fileId,
        filename,
        contentType,
        sizeBytes,
        sha256,
        unitBytes,
        chunks,
        uploadStatus,
        createdAt: new Date(0),
      };
      this.files.set(fileId, file);
      this.sessions.delete(commit.sessionId);
    }
    if (this.commitFails !== undefined) throw this.commitFails.error;
    return this.files.get(commit.fileId);
  }

  async cancel(sessionId: string): Promise<readonly Replica[]> {
    const session = this.sessions.get(sessionId);
    if (session === undefined) return [];
    this.sessions.delete(sessionId);
    const reserved = session.reservation.chunks.flatMap(({ chunkId, serverIds }) =>
      serverIds.map((serverId) => ({ chunkId, serverId })),
    );
    return this.#queue([...reserved, ...session.added]);
  }

  async renewSessions(progress: readonly { sessionId: string; receivedBytes: number }[]): Promise<readonly string[]> {
    for (const { sessionId, receivedBytes } of progress) this.progress.set(sessionId, receivedBytes);
    return progress.map(({ sessionId }) => sessionId).filter((sessionId) => this.sessions.has(sessionId));
  }

  async file(fileId: string): Promise<FileRecord | undefined> {
    return this.files.get(fileId);
  }

  async listFiles(): Promise<FilePage> {
    return { files: [...this.files.values()], total: this.files.size };
  }

  async deleteFile(fileId: string): Promise<readonly Replica[] | undefined> {
    const file = this.files.get(fileId);
    if (file === undefined) return undefined;
    this.files.delete(fileId);
    return this.#queue(
      file.chunks.flatMap(({ chunkId, serverIds }) => serverIds.map((serverId) => ({ chunkId, serverId }))),
    );
  }

  async deletionsDone(replicas: readonly Replica[]): Promise<void> {
    for (const replica of replicas) this.deletions.delete(key(replica));
  }

  async takeDueDeletions(limit: number): Promise<readonly Replica[]> {
    return [...this.deletions.values()].slice(0, limit);
  }

  async expireSessions(): Promise<number> {
    return 0;
  }

  async servers(): Promise<readonly ServerRecord[]> {
    return [];
  }

  async heartbeat(): Promise<'active'> {
    return 'active';
  }

  async markInactive(): Promise<readonly string[]> {
    return [];
  }

  async saveRing(): Promise<void> {}

  async withJobLock<T>(_name: string, job: (lost: AbortSignal) => Promise<T>): Promise<T | undefined> {
    return job(new AbortController().signal);
  }

  async ping(): Promise<void> {}

  async claimReplica(replica: Replica): Promise<ClaimOutcome> {
    if (this.chunk(replica.chunkId) === undefined) return 'gone';
    if (this.claims.has(key(replica))) return 'busy';
    this.claims.set(key(replica), replica);
    this.deletions.delete(key(replica));
    return 'claimed';
  }

  async renewClaim(replica: Replica): Promise<boolean> {
    return this.claims.has(key(replica));
  }

  async placeReplica(replica: Replica, instead: string | undefined): Promise<boolean> {
    const servers = this.chunk(replica.chunkId)?.serverIds;
    const isWanted = servers !== undefined && (instead === undefined || servers.includes(instead));
    if (!this.claims.delete(key(replica)) || !isWanted) {
      this.#queue([replica]);
      return false;
    }
    const others = servers.filter((serverId) => serverId !== instead && serverId !== replica.serverId);
    this.#list(replica.chunkId, [...others, replica.serverId]);
    if (instead !== undefined) this.#queue([{ chunkId: replica.chunkId, serverId: instead }]);
    return true;
  }

  async abandonReplica(replica: Replica): Promise<void> {
    this.claims.delete(key(replica));
    if (!this.chunk(replica.chunkId)?.serverIds.includes(replica.serverId)) this.#queue([replica]);
  }

  async expireClaims(): Promise<number> {
    return 0;
  }

  async dropReplica(replica: Replica, kept: readonly string[]): Promise<boolean> {
    const servers = this.chunk(replica.chunkId)?.serverIds ?? [];
    if (![...kept, replica.serverId].every((serverId) => servers.includes(serverId))) return false;
    this.#list(
      replica.chunkId,
      servers.filter((serverId) => serverId !== replica.serverId),
    );
    this.#queue([replica]);
    return true;
  }

  /** A chunk of a completed file. */
  chunk(chunkId: string): WrittenChunk | undefined {
    return [...this.files.values()].flatMap(({ chunks }) => chunks).find((chunk) => chunk.chunkId === chunkId);
  }

  #list(chunkId: string, serverIds: readonly string[]): void {
    for (const [fileId, file] of this.files) {
      const chunks = file.chunks.map((chunk) => (chunk.chunkId === chunkId ? { ...chunk, serverIds } : chunk));
      this.files.set(fileId, { ...file, chunks });
    }
  }

  #queue(replicas: readonly Replica[]): readonly Replica[] {
    for (const replica of replicas) this.deletions.set(key(replica), replica);
    return replicas;
  }
}

function key({ chunkId, serverId }: Replica): string {
  return `${chunkId}@${serverId}`;
}
