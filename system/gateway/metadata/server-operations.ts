import type { MovableChunk, ServerOperations, ServerReport } from '../objects/server-operations.ts';
import type { ServerStatus } from '../placement/membership.ts';
import { allReplicas } from './all-replicas.ts';
import { type Database, idempotent, notIdempotent } from './database.ts';

/** What operators see and change of the storage servers, and what the jobs that move replicas work from. */
export function serverOperations(database: Database): ServerOperations {
  return {
    async serverReports(serverId) {
      const rows = await database.query<ReportRow>('server_reports', REPORTS, [serverId ?? null], idempotent);
      return rows.map(reportOf);
    },

    changeStatus(serverId, decide) {
      return database.transaction('change_server_status', notIdempotent, async (query) => {
        // Servers whose status changes at the same moment would otherwise each be counted by the other's decision.
        await query(`SELECT pg_advisory_xact_lock(hashtextextended('sextant membership', 0))`, []);
        const [row] = await query<StateRow>(STATE, [serverId]);
        if (row === undefined) return false;
        const { status, others: otherActive, heartbeat_age_ms: heartbeatAgeMs } = row;
        const next = decide({ status, otherActive, heartbeatAgeMs });
        if (next !== status)
          await query('UPDATE storage_servers SET status = $2 WHERE server_id = $1', [serverId, next]);
        return true;
      });
    },

    async movableChunks(serverId, afterChunkId, limit) {
      const values = [serverId, afterChunkId, limit];
      return (await database.query<ChunkRow>('movable_chunks', MOVABLE_CHUNKS, values, idempotent)).map(movableChunk);
    },

    async reorderReplicas(chunkId, serverIds) {
      await database.query('reorder_replicas', REORDER, [chunkId, serverIds], idempotent);
    },

    async endDrains(begunMs) {
      const rows = await database.query<{ server_id: string }>('end_drains', END_DRAINS, [begunMs], idempotent);
      return rows.map((row) => row.server_id);
    },
  };
}

interface ReportRow {
  readonly server_id: string;
  readonly grpc_address: string;
  readonly status: ServerStatus;
  readonly available_space: number;
  readonly used_space: number;
  readonly total_space: number;
  readonly last_heartbeat: Date | null;
  readonly heartbeat_age_ms: number | null;
  readonly drain_started_at: Date | null;
  readonly replicas: number;
  readonly bytes: number;
}

function reportOf(row: ReportRow): ServerReport {
  return {
    serverId: row.server_id,
    grpcAddress: row.grpc_address,
    status: row.status,
    availableBytes: row.available_space,
    usedBytes: row.used_space,
    totalBytes: row.total_space,
    lastHeartbeat: row.last_heartbeat,
    heartbeatAgeMs: row.heartbeat_age_ms,
    drainStartedAt: row.drain_started_at,
    replicas: row.replicas,
    replicaBytes: row.bytes,
  };
}

const heartbeatAge = '(extract(epoch FROM now() - s.last_heartbeat) * 1000)::float8 AS heartbeat_age_ms';

/** That a chunk has a replica on the server, so that both indexes serve. */
const liesOn = (chunk: string, server: string) =>
  `(${chunk}.storage_server_id = ${server} OR ${chunk}.replica_server_ids @> ARRAY[${server}])`;

const REPORTS = `
  SELECT s.server_id, s.grpc_address, s.status, s.available_space, s.used_space, s.total_space, s.last_heartbeat,
    ${heartbeatAge}, s.drain_started_at, held.replicas, held.bytes
  FROM storage_servers s, LATERAL (
    SELECT count(*) AS replicas, coalesce(sum(chunk_size), 0)::bigint AS bytes
    FROM chunks c WHERE ${liesOn('c', 's.server_id')}) AS held
  WHERE $1::text IS NULL OR s.server_id = $1
  ORDER BY s.server_id`;

interface StateRow {
  readonly status: ServerStatus;
  readonly others: number;
  readonly heartbeat_age_ms: number | null;
}

const STATE = `
  SELECT s.status, ${heartbeatAge},
    (SELECT count(*) FROM storage_servers o WHERE o.status = 'active' AND o.server_id <> s.server_id) AS others
  FROM storage_servers s WHERE s.server_id = $1 FOR UPDATE OF s`;

interface ChunkRow {
  readonly chunk_id: string;
  readonly chunk_size: number;
  readonly chunk_hash: string;
  readonly servers: string[];
  readonly siblings: { readonly chunk_id: string; readonly servers: string[] }[] | null;
}

function movableChunk(row: ChunkRow): MovableChunk {
  return {
    chunkId: row.chunk_id,
    sizeBytes: row.chunk_size,
    sha256: row.chunk_hash,
    serverIds: row.servers,
    siblings: (row.siblings ?? []).map(({ chunk_id: chunkId, servers: serverIds }) => ({ chunkId, serverIds })),
  };
}

// A row that another program inserted without a size or checksum cannot be copied safely.
const MOVABLE_CHUNKS = `
  SELECT c.chunk_id, c.chunk_size, c.chunk_hash, ${allReplicas('c')} AS servers,
    (SELECT jsonb_agg(jsonb_build_object('chunk_id', o.chunk_id, 'servers', ${allReplicas('o')}))
     FROM chunks o WHERE o.file_id = c.file_id AND o.chunk_id <> c.chunk_id) AS siblings
  FROM chunks c
  WHERE ${liesOn('c', '$1::text')} AND c.chunk_id > $2 AND c.status = 'completed'
    AND c.chunk_size IS NOT NULL AND c.chunk_hash IS NOT NULL
  ORDER BY c.chunk_id LIMIT $3`;

const REORDER = `
  UPDATE chunks c SET storage_server_id = ($2::text[])[1], replica_server_ids = $2
  WHERE c.chunk_id = $1 AND c.status = 'completed'
    AND ${allReplicas('c')} @> $2 AND ${allReplicas('c')} <@ $2`;

const END_DRAINS = `
  UPDATE storage_servers s SET status = 'removed'
  WHERE s.status = 'draining' AND s.drain_started_at <= now() - $1 * interval '1 millisecond'
    AND NOT EXISTS (SELECT FROM chunks c WHERE c.storage_server_id = s.server_id)
    AND NOT EXISTS (SELECT FROM chunks c WHERE c.replica_server_ids @> ARRAY[s.server_id])
    AND NOT EXISTS (SELECT FROM replica_claims r WHERE r.server_id = s.server_id AND r.expires_at > now())
  RETURNING s.server_id`;
