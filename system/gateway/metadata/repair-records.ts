import type { ChunkInDoubt, ProblemKind, RepairRecords } from '../objects/replica-ports.ts';
import { allReplicas } from './all-replicas.ts';
import { type Database, idempotent } from './database.ts';

export function repairRecords(database: Database): RepairRecords {
  return {
    async recordProblems(problems) {
      const values = [
        problems.map((problem) => problem.chunkId),
        problems.map((problem) => problem.serverId),
        problems.map((problem) => problem.kind),
      ];
      return (await database.query('record_problems', RECORD, values, idempotent)).length;
    },

    async chunksInDoubt(afterId, limit, healthy, replicas) {
      const values = [afterId, limit, healthy, replicas];
      const [page] = await database.query<DoubtPageRow>('chunks_in_doubt', IN_DOUBT, values, idempotent);
      const chunks: ChunkInDoubt[] = [];
      const ids = page?.in_doubt ?? [];
      for (let at = 0; at < ids.length; at += DETAILS_PER_STATEMENT) {
        const some = ids.slice(at, at + DETAILS_PER_STATEMENT);
        const rows = await database.query<DoubtRow>('doubt_details', DETAILS, [some], idempotent);
        chunks.push(...rows.map(chunkInDoubt));
      }
      const isLast = (page?.looked_at ?? 0) < limit;
      return { chunks, nextAfter: isLast ? undefined : (page?.last_id ?? undefined) };
    },

    async repairFailed(chunkId, { isLost, reason }, retryMs) {
      await database.query('repair_failed', FAILED, [chunkId, isLost, reason, retryMs], idempotent);
    },

    async repairDone(chunkId) {
      await database.query('repair_done', 'DELETE FROM chunk_repairs WHERE chunk_id = $1', [chunkId], idempotent);
    },

    async lostChunks(limit) {
      const rows = await database.query<LostRow>('lost_chunks', LOST, [limit], idempotent);
      const chunks = rows.map((row) => ({
        chunkId: row.chunk_id,
        fileId: row.file_id,
        chunkNumber: row.chunk_number,
        sizeBytes: row.chunk_size ?? 0,
        sha256: row.chunk_hash ?? '',
        serverIds: row.servers,
        reason: row.reason,
        attempts: row.attempts,
        failedAt: row.failed_at,
      }));
      return { total: rows[0]?.total ?? 0, chunks };
    },

    async countProblems() {
      const rows = await database.query<{ kind: ProblemKind; problems: number }>(
        'count_problems',
        COUNT,
        [],
        idempotent,
      );
      const of = (kind: ProblemKind) => rows.find((row) => row.kind === kind)?.problems ?? 0;
      return { absent: of('absent'), damaged: of('damaged') };
    },
  };
}

// Whether the row still lists the replica is asked here: a reader may have had an older list of replicas, and what
// has been moved away since is rightly absent. The rows are locked as the foreign key would lock them, but before: of a chunk
// that is being deleted there is no row then, where the foreign key would fail.
const RECORD = `
  WITH chunk AS MATERIALIZED (
    SELECT c.chunk_id, ${allReplicas('c')} AS servers FROM chunks c
    WHERE c.chunk_id = ANY ($1::uuid[]) AND c.status = 'completed' ORDER BY c.chunk_id FOR KEY SHARE
  )
  INSERT INTO replica_problems AS p (chunk_id, server_id, kind)
  SELECT DISTINCT ON (f.chunk_id, f.server_id) f.chunk_id, f.server_id, f.kind
  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS f (chunk_id, server_id, kind)
  JOIN chunk c ON c.chunk_id = f.chunk_id AND f.server_id = ANY (c.servers)
  ON CONFLICT (chunk_id, server_id) DO UPDATE SET kind = excluded.kind WHERE p.kind <> excluded.kind
  RETURNING p.chunk_id`;

export interface DoubtRow {
  readonly chunk_id: string;
  readonly file_id: string;
  readonly chunk_size: number;
  readonly chunk_hash: string;
  readonly servers: string[];
  readonly problems: Record<string, ProblemKind> | null;
  readonly siblings: string[] | null;
  readonly is_lost: boolean | null;
}

interface DoubtPageRow {
  readonly looked_at: number;
  readonly last_id: string | null;
  readonly in_doubt: string[] | null;
}

export function chunkInDoubt(row: DoubtRow): ChunkInDoubt {
  return {
    chunkId: row.chunk_id,
    fileId: row.file_id,
    sizeBytes: row.chunk_size,
    sha256: row.chunk_hash,
    serverIds: row.servers,
    problems: new Map(Object.entries(row.problems ?? {})),
    siblingServerIds: row.siblings ?? [],
    failure: row.is_lost === null ? undefined : { isLost: row.is_lost },
  };
}

/** SQL for the columns of DoubtRow that are not in a row of `chunks`, which is called `row` here. */
export function doubtColumns(row: string): string {
  return `
    (SELECT jsonb_object_agg(x.server_id, x.kind) FROM replica_problems x WHERE x.chunk_id = ${row}.chunk_id) AS problems,
    (SELECT array_agg(DISTINCT server_id) FROM chunks o, unnest(${allReplicas('o')}) AS server_id
     WHERE o.file_id = ${row}.file_id AND o.chunk_id <> ${row}.chunk_id) AS siblings`;
}

const DETAILS_PER_STATEMENT = 500;

// The comparison passes over nearly every row without taking its list apart, and what costs more is asked for in a statement
// of its own: with it, PostgreSQL would compile this one for longer than it runs. A row that another program inserted
// without size or checksum cannot be verified, and is left alone.
const IN_DOUBT = `
  WITH page AS MATERIALIZED (
    SELECT c.chunk_id, c.replica_server_ids <@ $3::text[] AND cardinality(c.replica_server_ids) = $4 AS is_placed_well,
      c.status = 'completed' AND c.chunk_size IS NOT NULL AND c.chunk_hash IS NOT NULL AS is_verifiable
    FROM chunks c WHERE c.chunk_id > $1 ORDER BY c.chunk_id LIMIT $2
  )
  SELECT count(*)::int AS looked_at,
    (SELECT chunk_id FROM page ORDER BY chunk_id DESC LIMIT 1) AS last_id,
    array_agg(p.chunk_id ORDER BY p.chunk_id) FILTER (WHERE p.is_verifiable AND CASE
      WHEN r.chunk_id IS NOT NULL THEN r.not_before <= now()
      ELSE NOT p.is_placed_well OR p.chunk_id IN (SELECT x.chunk_id FROM replica_problems x) END) AS in_doubt
  FROM page p LEFT JOIN chunk_repairs r USING (chunk_id)`;

const DETAILS = `
  SELECT p.chunk_id, p.file_id, p.chunk_size, p.chunk_hash, ${allReplicas('p')} AS servers, r.is_lost, ${doubtColumns('p')}
  FROM chunks p LEFT JOIN chunk_repairs r USING (chunk_id)
  WHERE p.chunk_id = ANY ($1::uuid[])
  ORDER BY p.chunk_id`;

const FAILED = `
  INSERT INTO chunk_repairs AS r (chunk_id, is_lost, reason, not_before)
  SELECT chunk_id, $2, $3, now() + $4 * interval '1 millisecond' FROM chunks WHERE chunk_id = $1 FOR KEY SHARE
  ON CONFLICT (chunk_id) DO UPDATE SET is_lost = excluded.is_lost, reason = excluded.reason,
    failed_at = CASE WHEN r.is_lost = excluded.is_lost THEN r.failed_at ELSE now() END,
    attempts = r.attempts + 1,
    not_before = now() + $4 * power(2, least(r.attempts, 4)) * interval '1 millisecond'`;

interface LostRow {
  readonly total: number;
  readonly chunk_id: string;
  readonly file_id: string;
  readonly chunk_number: number;
  readonly chunk_size: number | null;
  readonly chunk_hash: string | null;
  readonly servers: string[];
  readonly reason: string;
  readonly attempts: number;
  readonly failed_at: Date;
}

const LOST = `
  SELECT (SELECT count(*) FROM chunk_repairs WHERE is_lost)::int AS total, c.chunk_id, c.file_id, c.chunk_number,
    c.chunk_size, c.chunk_hash, ${allReplicas('c')} AS servers, r.reason, r.attempts, r.failed_at
  FROM chunk_repairs r JOIN chunks c USING (chunk_id)
  WHERE r.is_lost ORDER BY r.failed_at, r.chunk_id LIMIT $1`;

const COUNT = `SELECT kind, count(*)::int AS problems FROM replica_problems GROUP BY kind`;
