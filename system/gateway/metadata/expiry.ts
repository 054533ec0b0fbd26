import type { Metadata } from '../objects/ports.ts';
import { allReplicas } from './all-replicas.ts';
import { type Database, notIdempotent } from './database.ts';

/** Ends uploads that nobody finishes, releases files that wait for it, and forgets sessions that ended long ago. */
export function expiry(database: Database): Pick<Metadata, 'expireSessions' | 'forgetSessions'> {
  return {
    async expireSessions(limit) {
      const [expired] = await database.query<{ ended: number }>('expire_sessions', EXPIRE, [limit], notIdempotent);
      const [abandoned] = await database.query<{ ended: number }>('expire_files', EXPIRE_FILES, [limit], notIdempotent);
      const [uploads] = await database.query<{ ended: number }>(
        'expire_uploads',
        EXPIRE_UPLOADS,
        [limit],
        notIdempotent,
      );
      const [released] = await database.query<{ ended: number }>('release_files', RELEASE, [limit], notIdempotent);
      return (expired?.ended ?? 0) + (abandoned?.ended ?? 0) + (uploads?.ended ?? 0) + (released?.ended ?? 0);
    },

    async forgetSessions(limit) {
      return (await database.query('forget_sessions', FORGET, [limit], notIdempotent)).length;
    },
  };
}

// Deletes the files of `doomed`, queues what may be on the nodes, and counts. A file that was completed is never
// among them, whatever its sessions say: the condition is checked again on the newest version of the row.
const removeDoomed = `
  file AS (
    DELETE FROM files f USING doomed
    WHERE f.file_id = doomed.file_id AND f.upload_status <> 'completed'
    RETURNING f.file_id
  ), chunk AS (
    DELETE FROM chunks c USING file WHERE c.file_id = file.file_id
    RETURNING c.chunk_id, ${allReplicas('c')} AS servers
  ), queued AS (
    INSERT INTO chunk_deletions (chunk_id, server_id)
    SELECT DISTINCT chunk_id, server_id FROM chunk, unnest(servers) AS server_id
    ON CONFLICT DO NOTHING
  )`;

// A session that is being committed, cancelled or expired elsewhere at this moment is locked, and skipped.
const EXPIRE = `
  WITH lapsed AS MATERIALIZED (
    SELECT session_id, file_id FROM upload_sessions
    WHERE status = 'active' AND expires_at < now()
    ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
  ), ended AS (
    UPDATE upload_sessions s SET status = 'expired', ended_at = now()
    FROM lapsed WHERE s.session_id = lapsed.session_id
  ), doomed AS (
    SELECT DISTINCT lapsed.file_id FROM lapsed
    WHERE NOT EXISTS (
      SELECT FROM upload_sessions other
      WHERE other.file_id = lapsed.file_id AND other.status = 'active' AND other.expires_at >= now())
  ), ${removeDoomed}
  SELECT count(*) AS ended FROM lapsed`;

// Other programs may insert files and no session. They have five minutes to add one.
const EXPIRE_FILES = `
  WITH doomed AS MATERIALIZED (
    SELECT file_id FROM files f
    WHERE upload_status <> 'completed' AND upload_status IN ('pending', 'uploading')
      AND created_at < now() - interval '5 minutes'
      AND NOT EXISTS (SELECT FROM upload_sessions s WHERE s.file_id = f.file_id AND s.status = 'active')
    ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED
  ), ${removeDoomed}
  SELECT count(*) AS ended FROM doomed`;

// Of uploads in parts: what was given up and was too much to be released at once, and what was completed long ago.
const EXPIRE_UPLOADS = 'SELECT expire_uploads($1) AS ended';

// Of objects that were overwritten or deleted, and had too many files to be released at once.
const RELEASE = 'SELECT release_waiting_files($1) AS ended';

// An hour is how long a gateway may ask again whether its commit took effect.
const FORGET = `
  DELETE FROM upload_sessions WHERE session_id IN (
    SELECT session_id FROM upload_sessions
    WHERE status <> 'active' AND coalesce(ended_at, expires_at) < now() - interval '1 hour'
    ORDER BY coalesce(ended_at, expires_at) LIMIT $1)
  RETURNING session_id`;
