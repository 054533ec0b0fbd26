-- S3: an object of ten thousand parts gives up its files by and by, because all at once take longer than a statement may.

-- References that are given up and still counted. Not a foreign key: it would lock the files, and in no order.
CREATE TABLE file_releases (
  release_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  file_id uuid NOT NULL,
  times integer NOT NULL CHECK (times > 0)
);

-- As they are called on their own now too.
ALTER FUNCTION lock_files(uuid[]) SET enable_seqscan = off;

-- Gives up so many references of each file. A file that nobody refers to goes, and its replicas are queued for deletion; true
-- when there was one. The rows that referred to it must be gone already.
--
-- The planner is told to find each by its id. Of its own it reads the whole tables, as long as they are small or are not analysed
-- yet, and keeps that plan for a connection while they grow.
CREATE FUNCTION drop_references(ids uuid[], times integer[]) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  files_gone bigint;
BEGIN
  PERFORM lock_files(ids);
  WITH released AS MATERIALIZED (
    SELECT u.id, sum(u.times)::integer AS times FROM unnest(ids, times) AS u (id, times) GROUP BY u.id
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

-- Gives up one reference for each time that a file is named: of a thousand files now, which takes a fraction of a second, and of
-- the others when cleanup comes to them. True when a file is gone already.
CREATE OR REPLACE FUNCTION release_files(ids uuid[]) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  now_ids uuid[];
  now_times integer[];
BEGIN
  IF coalesce(cardinality(ids), 0) = 0 THEN
    RETURN false;
  END IF;
  WITH released AS MATERIALIZED (
    SELECT id, count(*)::integer AS times, row_number() OVER (ORDER BY id) AS place FROM unnest(ids) AS u (id) GROUP BY id
  ), later AS (
    INSERT INTO file_releases (file_id, times) SELECT id, times FROM released WHERE place > 1000
  )
  SELECT array_agg(id), array_agg(times) INTO now_ids, now_times FROM released WHERE place <= 1000;
  RETURN drop_references(now_ids, now_times);
END
$$;

-- What cleanup does of it, a step at a time. Says of how many files.
CREATE FUNCTION release_waiting_files(at_most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  ids uuid[];
  times integer[];
BEGIN
  WITH first AS MATERIALIZED (
    SELECT r.release_id FROM file_releases r ORDER BY r.release_id LIMIT at_most FOR UPDATE SKIP LOCKED
  ), taken AS (
    DELETE FROM file_releases r USING first WHERE r.release_id = first.release_id RETURNING r.file_id, r.times
  )
  SELECT array_agg(t.file_id), array_agg(t.times) INTO ids, times FROM taken t;
  IF ids IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM drop_references(ids, times);
  RETURN cardinality(ids);
END
$$;

-- As before, but that the source and its parts are read at one moment: who deletes it need not wait for all of its files any more,
-- and would come between.
CREATE OR REPLACE FUNCTION put_copy(
  name text, key bytea, account text, nonce text, conditions jsonb, put jsonb, source_uid bigint
) RETURNS write_outcome LANGUAGE plpgsql AS $$
DECLARE
  bucket buckets := lock_object_key(name, key);
  made write_outcome;
  source record;
  parts object_parts[];
  replaced uuid[];
BEGIN
  made.refused := write_refusal(bucket, account, key, conditions);
  IF made.refused IS NOT NULL THEN
    RETURN made;
  END IF;
  PERFORM lock_files(ARRAY(
    SELECT p.file_id FROM object_parts p WHERE p.version_uid = source_uid
    UNION ALL
    SELECT p.file_id FROM object_parts p WHERE p.version_uid = null_version_uid(bucket.bucket_id, key)));
  SELECT v.etag, v.parts_count, v.inline_data, v.checksum_algorithm,
    ARRAY(SELECT p FROM object_parts p WHERE p.version_uid = source_uid) AS parts INTO source
  FROM object_versions v WHERE v.version_uid = source_uid AND NOT v.is_delete_marker;
  IF NOT FOUND THEN
    made.refused := 'source-gone';
    RETURN made;
  END IF;
  parts := source.parts;
  UPDATE files f SET reference_count = f.reference_count + p.times
  FROM (SELECT u.file_id, count(*)::integer AS times FROM unnest(parts) AS u GROUP BY u.file_id) AS p
  WHERE f.file_id = p.file_id;
  replaced := make_room(bucket, key);
  made := insert_version(bucket, key, account, nonce, put, source.inline_data,
    CASE WHEN source.etag = put ->> 'etag' THEN source.parts_count END);
  INSERT INTO object_parts (version_uid, part_number, file_id, offset_bytes, size_bytes, etag, checksum_value)
  SELECT made.version_uid, p.part_number, p.file_id, p.offset_bytes, p.size_bytes, p.etag,
    CASE WHEN source.checksum_algorithm = put ->> 'checksumAlgorithm' THEN p.checksum_value END
  FROM unnest(parts) AS p;
  made.freed_space := release_files(replaced);
  RETURN made;
END
$$;

-- As before, but that its files are locked first: those that it refers to and those that it releases, which completions crosswise
-- would otherwise take in opposite orders.
CREATE OR REPLACE FUNCTION complete_upload(
  name text, key bytea, account text, nonce text, conditions jsonb, put jsonb,
  id text, numbers integer[], file_ids uuid[]
) RETURNS TABLE (refused text, made jsonb, freed_space boolean) LANGUAGE plpgsql AS $$
DECLARE
  bucket buckets := lock_object_key(name, key);
  version write_outcome;
  released uuid[];
  given_up uuid[];
BEGIN
  refused := write_refusal(bucket, account, key, NULL);
  IF refused IS NULL THEN
    SELECT u.completed INTO made FROM multipart_uploads u
    WHERE u.upload_id = id AND u.bucket_id = bucket.bucket_id AND u.object_key = key FOR UPDATE;
    refused := CASE WHEN NOT FOUND THEN 'source-gone' END;
  END IF;
  IF refused IS NULL AND made IS NULL THEN
    refused := write_refusal(bucket, account, key, conditions);
  END IF;
  IF refused IS NOT NULL OR made IS NOT NULL THEN
    freed_space := false;
    RETURN NEXT;
    RETURN;
  END IF;
  IF NOT has_parts(id, numbers, file_ids) THEN
    refused := 'parts-changed';
    RETURN NEXT;
    RETURN;
  END IF;
  PERFORM lock_files(ARRAY(
    SELECT p.file_id FROM upload_parts p WHERE p.upload_id = id
    UNION ALL
    SELECT p.file_id FROM object_parts p WHERE p.version_uid = null_version_uid(bucket.bucket_id, key)));
  released := make_room(bucket, key);
  version := insert_version(bucket, key, account, nonce, put, NULL, cardinality(numbers));
  given_up := move_parts(id, numbers, version.version_uid);
  made := jsonb_build_object(
    'versionId', version.version_id, 'lastModified', version.last_modified, 'versioning', version.versioning,
    'etag', put -> 'etag', 'sizeBytes', put -> 'sizeBytes', 'checksum', CASE WHEN put ? 'checksumValue' THEN
      jsonb_build_object('algorithm', put -> 'checksumAlgorithm', 'type', put -> 'checksumType', 'value', put -> 'checksumValue')
    END);
  UPDATE multipart_uploads u SET completed = made, completed_at = now() WHERE u.upload_id = id;
  freed_space := release_files(released || given_up);
  RETURN NEXT;
END
$$;
