-- Files that are content of objects: stored as all others, counted by who refers to them.

-- Files of objects are no concern of the listing of files, nor of its count.
DROP INDEX files_completed;
CREATE INDEX files_completed ON files (created_at, file_id)
  WHERE upload_status = 'completed' AND reference_count IS NULL;

CREATE OR REPLACE FUNCTION count_completed_files() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  difference bigint := 0;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    UPDATE completed_files_count SET files = 0 WHERE files <> 0;
    RETURN NULL;
  END IF;
  IF TG_OP IN ('INSERT', 'UPDATE') THEN
    difference := difference +
      (SELECT count(*) FROM after WHERE upload_status = 'completed' AND reference_count IS NULL);
  END IF;
  IF TG_OP IN ('UPDATE', 'DELETE') THEN
    difference := difference -
      (SELECT count(*) FROM before WHERE upload_status = 'completed' AND reference_count IS NULL);
  END IF;
  IF difference <> 0 THEN
    UPDATE completed_files_count SET files = files + difference WHERE slot = pg_backend_pid() % 64;
  END IF;
  RETURN NULL;
END
$$;

-- Makes a file that was uploaded count, in one statement that first locks the session's row. Nothing when the session is
-- not active any more, or a server with a replica was removed. `times` is null for a file that is stored for its own sake.
--
-- Replicas that were reserved and are not among those that confirmed the chunk may exist all the same: their nodes'
-- answers can have been lost. They are queued for deletion with the commit. A server that was removed is not looked
-- at any more, so nothing may be committed there: an upload that began before the drain comes too late then.
CREATE FUNCTION commit_file(
  session uuid, file uuid, size bigint, sha256 text, unit bigint, chunks_written jsonb, times integer
) RETURNS SETOF files LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
  WITH active AS MATERIALIZED (
    SELECT s.session_id, s.file_id FROM upload_sessions s
    WHERE s.session_id = session AND s.status = 'active' FOR UPDATE
  ), written AS (
    SELECT * FROM jsonb_to_recordset(chunks_written) AS c (id uuid, size bigint, sha256 text, servers text[])
  ), safe AS MATERIALIZED (
    SELECT active.* FROM active WHERE NOT EXISTS (
      SELECT FROM written w JOIN storage_servers s ON s.server_id = ANY (w.servers) WHERE s.status = 'removed')
  ), reserved AS MATERIALIZED (
    SELECT c.chunk_id, array_append(c.replica_server_ids, c.storage_server_id) AS servers
    FROM safe JOIN chunks c ON c.file_id = safe.file_id WHERE c.file_id = file FOR UPDATE OF c
  ), chunk AS (
    UPDATE chunks c
    SET chunk_size = w.size, chunk_hash = w.sha256, status = 'completed',
        storage_server_id = w.servers[1], replica_server_ids = w.servers
    FROM reserved r JOIN written w ON w.id = r.chunk_id
    WHERE c.chunk_id = r.chunk_id
  ), needless AS (
    INSERT INTO chunk_deletions (chunk_id, server_id)
    SELECT DISTINCT r.chunk_id, u.server_id
    FROM reserved r JOIN written w ON w.id = r.chunk_id, unnest(r.servers) AS u (server_id)
    WHERE u.server_id <> ALL (w.servers)
    ON CONFLICT DO NOTHING
  ), done AS (
    UPDATE upload_sessions s SET status = 'completed', ended_at = now(), received_bytes = size
    FROM safe WHERE s.session_id = safe.session_id
  )
  UPDATE files f
  SET upload_status = 'completed', total_size = size, checksum = sha256, unit_bytes = unit, completed_at = now(),
      reference_count = times
  FROM safe WHERE f.file_id = safe.file_id AND f.file_id = file
  RETURNING f.*;
END
$$;

-- In one order, so that writes to keys that share files do not wait for each other in a circle. Whoever counts
-- references up or down, of more than one file or in more than one step, takes these locks first.
CREATE FUNCTION lock_files(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM files WHERE file_id = ANY (ids) ORDER BY file_id FOR UPDATE;
END
$$;

-- Gives up one reference for each time that a file is named. A file that nobody refers to goes, and its replicas are
-- queued for deletion; true when there was one. The rows that referred to it must be gone already.
--
-- The planner is told to find each by its id. Of its own it reads the whole tables, as long as they are small or are not analysed
-- yet, and keeps that plan for a connection while they grow.
CREATE FUNCTION release_files(ids uuid[]) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  files_gone bigint;
BEGIN
  IF coalesce(cardinality(ids), 0) = 0 THEN
    RETURN false;
  END IF;
  PERFORM lock_files(ids);
  WITH released AS MATERIALIZED (
    SELECT id, count(*)::integer AS times FROM unnest(ids) AS u (id) GROUP BY id
  ), kept AS (
    UPDATE files f SET reference_count = f.reference_count - r.times
    FROM released r WHERE f.file_id = r.id AND f.reference_count > r.times
  ), gone AS (
    DELETE FROM files f USING released r WHERE f.file_id = r.id AND f.reference_count <= r.times
    RETURNING f.file_id
  ), chunk AS (
    DELETE FROM chunks c USING gone WHERE c.file_id = gone.file_id
    RETURNING c.chunk_id, c.storage_server_id, c.replica_server_ids
  ), queued AS (
    INSERT INTO chunk_deletions (chunk_id, server_id)
    SELECT DISTINCT c.chunk_id, s.id
    FROM chunk c, unnest(array_append(c.replica_server_ids, c.storage_server_id)) AS s (id)
    ON CONFLICT DO NOTHING
  )
  SELECT count(*) INTO files_gone FROM gone;
  RETURN files_gone > 0;
END
$$;
