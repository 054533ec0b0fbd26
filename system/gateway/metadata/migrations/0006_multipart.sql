-- S3: uploads in parts. A part is a file with one reference, from the moment it is stored until it is replaced or given up; when
-- the upload is completed, its parts become those of a version as they are.
--
-- The row of the upload is what its steps meet on: who stores a part shares it, who completes or aborts has it alone. Locks are
-- taken in this order: bucket, key (or number of the part), upload, files.

-- An upload without a bucket was given up: its parts are released by and by, because ten thousand at once take too long.
ALTER TABLE multipart_uploads ALTER COLUMN bucket_id DROP NOT NULL;
CREATE INDEX multipart_uploads_given_up ON multipart_uploads (upload_id) WHERE bucket_id IS NULL;

-- The id is the caller's: who asks again after a lost answer gets the upload that was made.
CREATE FUNCTION create_upload(
  name text, key bytea, account text, id text, said jsonb, algorithm text, type_of_checksum text
) RETURNS TABLE (refused text, initiated_at timestamptz) LANGUAGE plpgsql AS $$
DECLARE
  bucket buckets;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(bucket_lock(name));
  SELECT * INTO bucket FROM buckets WHERE bucket_name = name;
  refused := write_refusal(bucket, account, key, NULL);
  IF refused IS NULL THEN
    INSERT INTO multipart_uploads (upload_id, bucket_id, object_key, owner_id, attributes, checksum_algorithm, checksum_type)
    VALUES (id, bucket.bucket_id, key, account, said, algorithm, type_of_checksum)
    ON CONFLICT DO NOTHING;
    SELECT u.initiated_at INTO initiated_at FROM multipart_uploads u WHERE u.upload_id = id;
  END IF;
  RETURN NEXT;
END
$$;

-- Answers 'session-over' and 'server-removed' too. A session that is completed already was completed by this same call, whose
-- answer was lost: the part was stored, and may be part of an object by now.
CREATE FUNCTION put_part(
  id text, number integer, file uuid, size bigint, etag_of_part text, algorithm text, checksum text,
  session uuid, unit bigint, chunks_written jsonb
) RETURNS TABLE (refused text, last_modified timestamptz, freed_space boolean) LANGUAGE plpgsql AS $$
DECLARE
  replaced uuid;
BEGIN
  -- Of two that store the same part, one comes after the other.
  PERFORM pg_advisory_xact_lock(hashtext(id), number);
  IF EXISTS (SELECT FROM upload_sessions s WHERE s.session_id = session AND s.status = 'completed') THEN
    last_modified := coalesce((SELECT p.last_modified FROM upload_parts p WHERE p.file_id = file LIMIT 1), now());
    freed_space := false;
    RETURN NEXT;
    RETURN;
  END IF;
  PERFORM FROM multipart_uploads u WHERE u.upload_id = id AND u.bucket_id IS NOT NULL AND u.completed IS NULL FOR SHARE;
  IF NOT FOUND THEN
    refused := 'source-gone';
    RETURN NEXT;
    RETURN;
  END IF;
  PERFORM commit_file(session, file, size, NULL, unit, chunks_written, 1);
  IF NOT FOUND THEN
    refused := CASE
      WHEN EXISTS (SELECT FROM upload_sessions s WHERE s.session_id = session AND s.status = 'active') THEN 'server-removed'
      ELSE 'session-over' END;
    RETURN NEXT;
    RETURN;
  END IF;
  DELETE FROM upload_parts p WHERE p.upload_id = id AND p.part_number = number RETURNING p.file_id INTO replaced;
  INSERT INTO upload_parts AS p (upload_id, part_number, file_id, size_bytes, etag, checksum_algorithm, checksum_value)
  VALUES (id, number, file, size, etag_of_part, algorithm, checksum)
  RETURNING p.last_modified INTO last_modified;
  freed_space := release_files(array_remove(ARRAY[replaced], NULL));
  RETURN NEXT;
END
$$;

-- Ten thousand parts are joined in a pass, never row by row, and found by their upload. The planner is told so: it believes that an
-- upload has few parts until the table is analysed, and keeps for a connection what it planned then.

CREATE FUNCTION has_parts(id text, numbers integer[], file_ids uuid[]) RETURNS boolean LANGUAGE plpgsql
SET enable_nestloop = off SET enable_seqscan = off AS $$
BEGIN
  RETURN cardinality(numbers) = (
    SELECT count(*) FROM unnest(numbers, file_ids) AS n (part_number, file_id)
    JOIN upload_parts p USING (part_number, file_id) WHERE p.upload_id = id);
END
$$;

-- Makes the parts with these numbers those of a version, one behind the other, and gives the files of the others.
CREATE FUNCTION move_parts(id text, numbers integer[], uid bigint) RETURNS uuid[] LANGUAGE plpgsql
SET enable_nestloop = off SET enable_seqscan = off AS $$
DECLARE
  others uuid[];
BEGIN
  WITH part AS (
    DELETE FROM upload_parts p WHERE p.upload_id = id
    RETURNING p.part_number, p.file_id, p.size_bytes, p.etag, p.checksum_value
  ), named AS (
    INSERT INTO object_parts (version_uid, part_number, file_id, offset_bytes, size_bytes, etag, checksum_value)
    SELECT uid, p.part_number, p.file_id,
      sum(p.size_bytes) OVER (ORDER BY p.part_number) - p.size_bytes, p.size_bytes, p.etag, p.checksum_value
    FROM part p JOIN unnest(numbers) AS n (part_number) USING (part_number)
  )
  SELECT coalesce(array_agg(p.file_id), '{}') INTO others
  FROM part p LEFT JOIN unnest(numbers) AS n (part_number) USING (part_number) WHERE n.part_number IS NULL;
  RETURN others;
END
$$;

-- Answers 'source-gone' when there is no such upload, and 'parts-changed'. `made` is a StoredVersion as the gateway knows it; who comes
-- second is given what the first one made, without a look at the conditions, which the first one may have made untrue.
CREATE FUNCTION complete_upload(
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

-- Releases parts of these uploads, which were given up, at most so many, and forgets those that have none left.
-- Says how many parts and uploads it was.
CREATE FUNCTION release_upload_parts(ids text[], at_most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  released uuid[];
  uploads_gone integer;
BEGIN
  WITH first AS MATERIALIZED (
    SELECT p.upload_id, p.part_number FROM upload_parts p WHERE p.upload_id = ANY (ids)
    ORDER BY p.upload_id, p.part_number LIMIT at_most
  ), part AS (
    DELETE FROM upload_parts p USING first f
    WHERE p.upload_id = f.upload_id AND p.part_number = f.part_number RETURNING p.file_id
  )
  SELECT coalesce(array_agg(file_id), '{}') INTO released FROM part;
  DELETE FROM multipart_uploads u
  WHERE u.upload_id = ANY (ids) AND NOT EXISTS (SELECT FROM upload_parts p WHERE p.upload_id = u.upload_id);
  GET DIAGNOSTICS uploads_gone = ROW_COUNT;
  PERFORM release_files(released);
  RETURN uploads_gone + cardinality(released);
END
$$;

-- False when there is no such upload under way. Nobody comes near its parts any more when this has had its row.
CREATE FUNCTION abort_upload(name text, key bytea, id text, parts_at_once integer) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE multipart_uploads u SET bucket_id = NULL FROM buckets b
  WHERE b.bucket_name = name AND u.upload_id = id AND u.bucket_id = b.bucket_id AND u.object_key = key AND u.completed IS NULL;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM release_upload_parts(ARRAY[id], parts_at_once);
  RETURN true;
END
$$;

-- For who deletes a bucket, and has it for himself: nobody begins an upload in it. What was completed in it is forgotten too.
CREATE FUNCTION drop_uploads(bucket uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  dropped text[];
BEGIN
  WITH upload AS (
    UPDATE multipart_uploads u SET bucket_id = NULL, completed = NULL, completed_at = NULL
    WHERE u.bucket_id = bucket RETURNING u.upload_id
  )
  SELECT coalesce(array_agg(upload_id), '{}') INTO dropped FROM upload;
  PERFORM release_upload_parts(dropped, 1000);
END
$$;

-- What cleanup does for uploads, a step at a time: goes on with what was given up, and forgets what was completed a day ago.
CREATE FUNCTION expire_uploads(at_most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  forgotten integer;
BEGIN
  DELETE FROM multipart_uploads WHERE upload_id IN (
    SELECT upload_id FROM multipart_uploads
    WHERE completed IS NOT NULL AND completed_at < now() - interval '24 hours'
    ORDER BY completed_at LIMIT at_most FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN forgotten + release_upload_parts(ARRAY(
    SELECT upload_id FROM multipart_uploads WHERE bucket_id IS NULL
    ORDER BY upload_id LIMIT at_most FOR UPDATE SKIP LOCKED), at_most);
END
$$;
