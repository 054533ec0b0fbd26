import { StoreError } from '../objects/errors.ts';
import type { Commit, FileSummary, Metadata, Reservation } from '../objects/ports.ts';
import { allReplicas } from './all-replicas.ts';
import { type Database, idempotent, notIdempotent, stubborn } from './database.ts';
import { type FileRow, fileColumns, fileSummary } from './file-rows.ts';
import { type ReplicaRow, replicasOf } from './replica-rows.ts';

type Uploads = Pick<Metadata, 'reserve' | 'addReplica' | 'commit' | 'cancel' | 'renewSessions'>;

/**
 * The life of an upload. Each step is one statement at READ COMMITTED that first locks the session's row, if it is
 * still active: so of commit, cancel and expiry exactly one takes effect, whatever gateway they come from.
 */
export function uploads(database: Database): Uploads {
  return {
    async reserve(reservation) {
      await database.query('reserve', RESERVE, reserveValues(reservation), idempotent);
    },

    async addReplica(sessionId, { chunkId, serverId }) {
      const rows = await database.query('add_replica', ADD_REPLICA, [sessionId, chunkId, serverId], idempotent);
      if (rows.length === 0) {
        throw new StoreError(
          'StorageFailed',
          'the upload took too long to be kept and was given up; send the file again',
        );
      }
    },

    async commit(commit) {
      const [committed] = await database.query<FileRow>('commit', COMMIT, commitValues(commit), stubborn);
      if (committed !== undefined) return fileSummary(committed);
      const before = await committedBefore(database, commit);
      if (before === undefined) await refuseRemovedServer(database, commit);
      return before;
    },

    async cancel(sessionId) {
      return replicasOf(await database.query<ReplicaRow>('cancel', CANCEL, [sessionId], notIdempotent));
    },

    async renewSessions(progress, leaseMs) {
      if (progress.length === 0) return [];
      const ids = progress.map((upload) => upload.sessionId);
      const received = progress.map((upload) => upload.receivedBytes);
      const rows = await database.query<{ session_id: string }>(
        'renew_sessions',
        RENEW,
        [ids, received, leaseMs],
        idempotent,
      );
      return rows.map((row) => row.session_id);
    },
  };
}

/**
 * A commit whose answer was lost is sent again, and finds its session completed by the first one: that is
 * success. The session's row is kept for an hour for this.
 */
async function committedBefore(database: Database, commit: Commit): Promise<FileSummary | undefined> {
  const values = [commit.sessionId, commit.fileId, commit.sha256];
  const [row] = await database.query<FileRow>('commit_again', COMMITTED_BEFORE, values, stubborn);
  return row === undefined ? undefined : fileSummary(row);
}

/** A session that is active although its commit did nothing: a chunk lies on a server that was removed meanwhile. */
async function refuseRemovedServer(database: Database, { sessionId }: Commit): Promise<void> {
  const rows = await database.query('commit_refused', STILL_ACTIVE, [sessionId], idempotent);
  if (rows.length > 0) throw serverRemoved();
}

export function serverRemoved(): StoreError {
  return new StoreError('StorageFailed', 'a storage server was removed during the upload; send the file again');
}

// Any conflict means the same reservation: the one before, whose answer was lost, may even still be running.
// The chunks come as one JSON value, because arrays of arrays must be rectangular in SQL.
const RESERVE = `
  WITH file AS (
    INSERT INTO files (file_id, filename, content_type, total_size, upload_status, unit_bytes, reference_count)
    VALUES ($1, $2, $3, $4, 'uploading', $5, $9)
    ON CONFLICT DO NOTHING
  ), session AS (
    INSERT INTO upload_sessions (session_id, file_id, expires_at)
    VALUES ($6, $1, now() + $7 * interval '1 millisecond')
    ON CONFLICT DO NOTHING
  )
  INSERT INTO chunks (chunk_id, file_id, chunk_number, storage_server_id, replica_server_ids, status)
  SELECT c.id, $1, c.number, c.servers[1], c.servers, 'uploading'
  FROM jsonb_to_recordset($8) AS c (id uuid, number int, servers text[])
  ON CONFLICT DO NOTHING`;

function reserveValues(reservation: Reservation): unknown[] {
  const { fileId, filename, contentType, declaredBytes, unitBytes, sessionId, leaseMs, chunks } = reservation;
  const rows = chunks.map((chunk) => ({ id: chunk.chunkId, number: chunk.chunkNumber, servers: chunk.serverIds }));
  const references = reservation.isObject ? 0 : null;
  return [
    fileId,
    filename,
    contentType,
    declaredBytes,
    unitBytes,
    sessionId,
    leaseMs,
    JSON.stringify(rows),
    references,
  ];
}

const ACTIVE_SESSION = `
  session AS MATERIALIZED (
    SELECT session_id, file_id FROM upload_sessions WHERE session_id = $1 AND status = 'active' FOR UPDATE
  )`;

const ADD_REPLICA = `
  WITH ${ACTIVE_SESSION}
  UPDATE chunks c SET replica_server_ids = array_append(array_remove(${allReplicas('c')}, $3), $3)
  FROM session WHERE c.file_id = session.file_id AND c.chunk_id = $2
  RETURNING c.chunk_id`;

const COMMIT = `SELECT ${fileColumns} FROM commit_file($1, $2, $3, $4, $5, $6, NULL) f`;

function commitValues(commit: Commit): unknown[] {
  const { sessionId, fileId, sizeBytes, sha256, unitBytes } = commit;
  return [sessionId, fileId, sizeBytes, sha256, unitBytes, chunksWritten(commit)];
}

/** The parameter of that name of the functions in SQL. */
export function chunksWritten({ chunks }: Commit): string {
  return JSON.stringify(
    chunks.map((chunk) => ({
      id: chunk.chunkId,
      size: chunk.sizeBytes,
      sha256: chunk.sha256,
      servers: chunk.serverIds,
    })),
  );
}

const COMMITTED_BEFORE = `
  SELECT ${fileColumns}
  FROM upload_sessions s JOIN files f USING (file_id)
  WHERE s.session_id = $1 AND s.file_id = $2 AND s.status = 'completed'
    AND f.upload_status = 'completed' AND f.checksum = $3`;

const STILL_ACTIVE = `SELECT FROM upload_sessions WHERE session_id = $1 AND status = 'active'`;

// DELETE ... RETURNING gives the newest version of a row, also one that was written after this statement began,
// which a SELECT would miss: a replica that was added in the same moment is queued too.
const CANCEL = `
  WITH ${ACTIVE_SESSION}, ended AS (
    UPDATE upload_sessions s SET status = 'cancelled', ended_at = now()
    FROM session WHERE s.session_id = session.session_id
  ), file AS (
    DELETE FROM files f USING session
    WHERE f.file_id = session.file_id AND f.upload_status <> 'completed'
    RETURNING f.file_id
  ), chunk AS (
    DELETE FROM chunks c USING file WHERE c.file_id = file.file_id
    RETURNING c.chunk_id, ${allReplicas('c')} AS servers
  ), replica AS (
    SELECT DISTINCT chunk_id, server_id FROM chunk, unnest(servers) AS server_id
  ), queued AS (
    INSERT INTO chunk_deletions (chunk_id, server_id) SELECT chunk_id, server_id FROM replica ON CONFLICT DO NOTHING
  )
  SELECT chunk_id, server_id FROM replica`;

const RENEW = `
  UPDATE upload_sessions s
  SET expires_at = now() + $3 * interval '1 millisecond', received_bytes = p.received
  FROM unnest($1::uuid[], $2::bigint[]) AS p (session_id, received)
  WHERE s.session_id = p.session_id AND s.status = 'active'
  RETURNING s.session_id`;
