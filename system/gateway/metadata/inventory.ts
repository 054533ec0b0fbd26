import type { ChunkRecord, InventoryRecords } from '../objects/replica-ports.ts';
import { allReplicas } from './all-replicas.ts';
import { type Database, idempotent, notIdempotent } from './database.ts';
import { chunkInDoubt, type DoubtRow, doubtColumns } from './repair-records.ts';

/** Chunks and replicas one after the other, for jobs that go through all of them. */
export function inventory(database: Database): InventoryRecords {
  return {
    async chunksAfter(afterId, limit) {
      const rows = await database.query<ChunkRow>('chunks_after', AFTER, [afterId, limit], idempotent);
      return rows.map(chunkRecord);
    },

    async replicaBytes() {
      const [row] = await database.query<{ bytes: number }>('replica_bytes', BYTES, [], idempotent);
      return row?.bytes ?? 0;
    },

    async chunksOn(serverId, afterId, untilId, limit) {
      const values = [serverId, afterId, untilId ?? null, limit];
      return (await database.query<ChunkRow>('chunks_on', ON_SERVER, values, idempotent)).map(chunkRecord);
    },

    async chunksNotOn(serverId, chunkIds) {
      const rows = await database.query<DoubtRow>('chunks_not_on', NOT_ON_SERVER, [serverId, chunkIds], idempotent);
      return rows.map(chunkInDoubt);
    },

    async noteOrphans(serverId, chunkIds, graceMs) {
      const values = [serverId, chunkIds, graceMs];
      const [row] = await database.query<OrphanCounts>('note_orphans', NOTE_ORPHANS, values, notIdempotent);
      return row ?? { waiting: 0, queued: 0 };
    },

    async forgetOrphans(serverId, sinceMs) {
      await database.query('forget_orphans', FORGET_ORPHANS, [serverId, sinceMs], idempotent);
    },
  };
}

interface ChunkRow {
  readonly chunk_id: string;
  readonly chunk_size: number;
  readonly chunk_hash: string;
  readonly servers: string[];
}

interface OrphanCounts {
  readonly waiting: number;
  readonly queued: number;
}

function chunkRecord(row: ChunkRow): ChunkRecord {
  return { chunkId: row.chunk_id, sizeBytes: row.chunk_size, sha256: row.chunk_hash, serverIds: row.servers };
}

/** A row that another program inserted without size or checksum cannot be verified, and is left alone. */
const verifiable = `c.status = 'completed' AND c.chunk_size IS NOT NULL AND c.chunk_hash IS NOT NULL`;
const columns = `c.chunk_id, c.chunk_size, c.chunk_hash, ${allReplicas('c')} AS servers`;

const AFTER = `
  SELECT ${columns} FROM chunks c WHERE ${verifiable} AND c.chunk_id > $1 ORDER BY c.chunk_id LIMIT $2`;

const BYTES = `
  SELECT coalesce(sum(c.chunk_size * cardinality(${allReplicas('c')})), 0)::bigint AS bytes FROM chunks c WHERE ${verifiable}`;

const ON_SERVER = `
  SELECT ${columns} FROM chunks c
  WHERE ${verifiable} AND c.chunk_id > $2 AND ($3::uuid IS NULL OR c.chunk_id <= $3) AND $1 = ANY (${allReplicas('c')})
    AND NOT EXISTS (SELECT FROM replica_problems p WHERE p.chunk_id = c.chunk_id AND p.server_id = $1)
  ORDER BY c.chunk_id LIMIT $4`;

const NOT_ON_SERVER = `
  SELECT ${columns}, c.file_id, r.is_lost, ${doubtColumns('c')}
  FROM chunks c LEFT JOIN chunk_repairs r USING (chunk_id)
  WHERE c.chunk_id = ANY ($2::uuid[]) AND ${verifiable} AND $1 <> ALL (${allReplicas('c')})`;

// Whether a file is an orphan is asked in the statement that queues it, so a row or a claim that has come meanwhile saves it.
const NOTE_ORPHANS = `
  WITH orphan AS MATERIALIZED (
    SELECT found.id FROM unnest($2::uuid[]) AS found (id)
    WHERE NOT EXISTS (SELECT FROM chunks c WHERE c.chunk_id = found.id AND $1 = ANY (${allReplicas('c')}))
      AND NOT EXISTS (SELECT FROM replica_claims r WHERE r.chunk_id = found.id AND r.server_id = $1)
      AND NOT EXISTS (SELECT FROM chunk_deletions d WHERE d.chunk_id = found.id AND d.server_id = $1)
  ), due AS (
    DELETE FROM orphans o USING orphan
    WHERE o.server_id = $1 AND o.chunk_id = orphan.id AND o.first_seen_at <= now() - $3 * interval '1 millisecond'
    RETURNING o.chunk_id
  ), queued AS (
    INSERT INTO chunk_deletions (chunk_id, server_id) SELECT chunk_id, $1 FROM due ON CONFLICT DO NOTHING
  ), seen AS (
    INSERT INTO orphans (chunk_id, server_id)
    SELECT id, $1 FROM orphan WHERE id NOT IN (SELECT chunk_id FROM due)
    ON CONFLICT (server_id, chunk_id) DO UPDATE SET last_seen_at = now()
    RETURNING chunk_id
  )
  SELECT (SELECT count(*) FROM seen)::int AS waiting, (SELECT count(*) FROM due)::int AS queued`;

const FORGET_ORPHANS = `
  DELETE FROM orphans WHERE server_id = $1 AND last_seen_at < to_timestamp($2::float8 / 1000)`;
