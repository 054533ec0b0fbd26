import type { ServerRecord } from '../placement/membership.ts';
import type { StoreError } from './errors.ts';
import { MemoryRegistry } from './memory-registry.fixture.ts';
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
import type { ChunkInDoubt, ClaimOutcome, DoubtPage, LostChunk, ProblemKind, ReplicaProblem } from './replica-ports.ts';

interface Session {
  readonly reservation: Reservation;
  readonly added: Replica[];
}

/** Metadata without a database: the same steps and the same conditions, in maps. */
export class MemoryMetadata extends MemoryRegistry implements Metadata {
  readonly sessions = new Map<string, Session>();
  readonly files = new Map<string, FileRecord>();
  readonly deletions = new Map<string, Replica>();
  /** Bytes that each session had received when it was last renewed. */
  readonly progress = new Map<string, number>();
  readonly problems = new Map<string, ReplicaProblem>();
  /** Chunks whose repair failed. */
  readonly repairs = new Map<string, { isLost: boolean; reason: string }>();
  /** Orphans that were seen before: they are due at the second sight. */
  readonly orphans = new Set<string>();
  readonly jobs = new Map<string, unknown>();
  /** The database's clock. */
  nowMs: () => number = () => 0;
  /** What `servers()` answers. */
  serverRecords: readonly ServerRecord[] = [];
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

  async hastenDeletions(): Promise<void> {}

  async forgetSessions(_limit: number): Promise<number> {
    return 0;
  }

  async expireSessions(): Promise<number> {
    return 0;
  }

  override async servers(): Promise<readonly ServerRecord[]> {
    return this.serverRecords;
  }

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
    this.problems.delete(key(replica));
    if (instead === undefined) return true;
    this.problems.delete(key({ ...replica, serverId: instead }));
    this.#queue([{ chunkId: replica.chunkId, serverId: instead }]);
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
    this.problems.delete(key(replica));
    this.#queue([replica]);
    return true;
  }

  async recordProblems(problems: readonly ReplicaProblem[]): Promise<number> {
    const listed = problems.filter(({ chunkId, serverId }) => this.chunk(chunkId)?.serverIds.includes(serverId));
    for (const problem of listed) this.problems.set(key(problem), problem);
    return listed.length;
  }

  async chunksInDoubt(
    _after: string,
    _limit: number,
    healthy: readonly string[],
    replicas: number,
  ): Promise<DoubtPage> {
    const isInDoubt = ({ serverIds, problems, failure }: ChunkInDoubt) =>
      serverIds.length !== replicas ||
      problems.size > 0 ||
      failure !== undefined ||
      !serverIds.every((serverId) => healthy.includes(serverId));
    return { chunks: this.#everyChunk().filter(isInDoubt), nextAfter: undefined };
  }

  async chunksAfter(afterId: string, limit: number): Promise<readonly ChunkInDoubt[]> {
    return this.#everyChunk()
      .filter(({ chunkId }) => chunkId > afterId)
      .slice(0, limit);
  }

  async replicaBytes(): Promise<number> {
    return this.#everyChunk().reduce((sum, { sizeBytes, serverIds }) => sum + sizeBytes * serverIds.length, 0);
  }

  async chunksOn(serverId: string, afterId: string, untilId: string | undefined, limit: number) {
    return this.#everyChunk()
      .filter(({ serverIds, problems }) => serverIds.includes(serverId) && !problems.has(serverId))
      .filter(({ chunkId }) => chunkId > afterId && (untilId === undefined || chunkId <= untilId))
      .slice(0, limit);
  }

  async chunksNotOn(serverId: string, chunkIds: readonly string[]): Promise<readonly ChunkInDoubt[]> {
    return this.#everyChunk().filter(
      (chunk) => chunkIds.includes(chunk.chunkId) && !chunk.serverIds.includes(serverId),
    );
  }

  async noteOrphans(serverId: string, chunkIds: readonly string[]): Promise<{ waiting: number; queued: number }> {
    const orphans = chunkIds
      .map((chunkId) => ({ chunkId, serverId }))
      .filter((replica) => !this.chunk(replica.chunkId)?.serverIds.includes(serverId))
      .filter((replica) => !this.deletions.has(key(replica)) && !this.claims.has(key(replica)));
    const due = orphans.filter((replica) => this.orphans.has(key(replica)));
    this.#queue(due);
    for (const replica of orphans) this.orphans.add(key(replica));
    return { waiting: orphans.length - due.length, queued: due.length };
  }

  async forgetOrphans(): Promise<void> {}

  #everyChunk(): ChunkInDoubt[] {
    return [...this.files.values()]
      .flatMap(({ fileId, chunks }) =>
        chunks.map((chunk): ChunkInDoubt => {
          const known = [...this.problems.values()].filter(({ chunkId }) => chunkId === chunk.chunkId);
          const problems = new Map(known.map(({ serverId, kind }) => [serverId, kind]));
          const siblingServerIds = chunks.flatMap((other) => (other === chunk ? [] : other.serverIds));
          return { ...chunk, fileId, problems, siblingServerIds, failure: this.repairs.get(chunk.chunkId) };
        }),
      )
      .sort((a, b) => (a.chunkId < b.chunkId ? -1 : 1));
  }

  async repairFailed(chunkId: string, failure: { isLost: boolean; reason: string }): Promise<void> {
    this.repairs.set(chunkId, failure);
  }

  async repairDone(chunkId: string): Promise<void> {
    this.repairs.delete(chunkId);
  }

  async lostChunks(): Promise<{ total: number; chunks: readonly LostChunk[] }> {
    return { total: [...this.repairs.values()].filter(({ isLost }) => isLost).length, chunks: [] };
  }

  async countProblems(): Promise<Record<ProblemKind, number>> {
    const count = (kind: ProblemKind) => [...this.problems.values()].filter((problem) => problem.kind === kind).length;
    return { absent: count('absent'), damaged: count('damaged') };
  }

  async jobState<T>(job: string) {
    return { state: this.jobs.get(job) as T | undefined, updatedAtMs: 0, nowMs: this.nowMs() };
  }

  async saveJobState<T>(job: string, state: T): Promise<void> {
    this.jobs.set(job, state);
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
