-- How new versions come to be, each in one call. The steps that they share are those of the tables' own migration.

CREATE FUNCTION put_inline(
  name text, key bytea, account text, nonce text, conditions jsonb, put jsonb, data bytea
) RETURNS write_outcome LANGUAGE plpgsql AS $$
DECLARE
  bucket buckets := lock_object_key(name, key);
  made write_outcome;
  replaced uuid[];
BEGIN
  made.refused := write_refusal(bucket, account, key, conditions);
  IF made.refused IS NOT NULL THEN
    RETURN made;
  END IF;
  replaced := make_room(bucket, key);
  made := insert_version(bucket, key, account, nonce, put, data, NULL);
  made.freed_space := release_files(replaced);
  RETURN made;
END
$$;

-- Answers 'session-over' and 'server-removed' too. A session that is completed already was completed by this same put, whose
-- answer was lost: it answers with the version that was made, if that is still there.
CREATE FUNCTION put_file(
  name text, key bytea, account text, nonce text, conditions jsonb, put jsonb,
  session uuid, file uuid, unit bigint, chunks_written jsonb
) RETURNS write_outcome LANGUAGE plpgsql AS $$
DECLARE
  bucket buckets := lock_object_key(name, key);
  made write_outcome;
  replaced uuid[];
BEGIN
  IF EXISTS (SELECT FROM upload_sessions s WHERE s.session_id = session AND s.status = 'completed') THEN
    SELECT NULL, v.version_uid, v.version_id, v.last_modified, bucket.versioning, false INTO made
    FROM object_parts p JOIN object_versions v ON v.version_uid = p.version_uid
    WHERE p.file_id = file AND v.bucket_id = bucket.bucket_id AND v.object_key = key
    ORDER BY v.version_uid LIMIT 1;
    IF FOUND THEN
      RETURN made;
    END IF;
  END IF;
  made.refused := write_refusal(bucket, account, key, conditions);
  IF made.refused IS NOT NULL THEN
    RETURN made;
  END IF;
  PERFORM commit_file(session, file, (put ->> 'sizeBytes')::bigint, NULL, unit, chunks_written, 1);
  IF NOT FOUND THEN
    made.refused := 'session-over';
    IF EXISTS (SELECT FROM upload_sessions s WHERE s.session_id = session AND s.status = 'active') THEN
      made.refused := 'server-removed';
    END IF;
    RETURN made;
  END IF;
  replaced := make_room(bucket, key);
  made := insert_version(bucket, key, account, nonce, put, NULL, NULL);
  INSERT INTO object_parts (version_uid, part_number, file_id, offset_bytes, size_bytes, etag, checksum_value)
  VALUES (made.version_uid, 1, file, 0, (put ->> 'sizeBytes')::bigint, put ->> 'etag', put ->> 'checksumValue');
  made.freed_space := release_files(replaced);
  RETURN made;
END
$$;

-- The source is looked at after its files are locked: a version that is there then has files that are there. Its parts are
-- kept aside, for it may be the version that gives way. An ETag that is kept tells of parts, so their number is kept with it.
CREATE FUNCTION put_copy(
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
  SELECT v.etag, v.parts_count, v.inline_data INTO source
  FROM object_versions v WHERE v.version_uid = source_uid AND NOT v.is_delete_marker;
  IF NOT FOUND THEN
    made.refused := 'source-gone';
    RETURN made;
  END IF;
  parts := ARRAY(SELECT p FROM object_parts p WHERE p.version_uid = source_uid);
  UPDATE files f SET reference_count = f.reference_count + p.times
  FROM (SELECT u.file_id, count(*)::integer AS times FROM unnest(parts) AS u GROUP BY u.file_id) AS p
  WHERE f.file_id = p.file_id;
  replaced := make_room(bucket, key);
  made := insert_version(bucket, key, account, nonce, put, source.inline_data,
    CASE WHEN source.etag = put ->> 'etag' THEN source.parts_count END);
  INSERT INTO object_parts (version_uid, part_number, file_id, offset_bytes, size_bytes, etag, checksum_value)
  SELECT made.version_uid, p.part_number, p.file_id, p.offset_bytes, p.size_bytes, p.etag, p.checksum_value
  FROM unnest(parts) AS p;
  made.freed_space := release_files(replaced);
  RETURN made;
END
$$;
