-- S3: put_file as before, but that a put whose session is over says so before it looks at conditions. It may be one that is sent again
-- after its answer was lost, and had happened: what it wrote has been replaced since, and the conditions do not hold any more
-- because of it. To be refused would mean that nothing was written.
CREATE OR REPLACE FUNCTION put_file(
  name text, key bytea, account text, nonce text, conditions jsonb, put jsonb,
  session uuid, file uuid, unit bigint, chunks_written jsonb
) RETURNS write_outcome LANGUAGE plpgsql AS $$
DECLARE
  bucket buckets := lock_object_key(name, key);
  session_status text := (SELECT s.status FROM upload_sessions s WHERE s.session_id = session);
  made write_outcome;
  replaced uuid[];
BEGIN
  IF session_status = 'completed' THEN
    SELECT NULL, v.version_uid, v.version_id, v.last_modified, bucket.versioning, false INTO made
    FROM object_parts p JOIN object_versions v ON v.version_uid = p.version_uid
    WHERE p.file_id = file AND v.bucket_id = bucket.bucket_id AND v.object_key = key
    ORDER BY v.version_uid LIMIT 1;
    IF FOUND THEN
      RETURN made;
    END IF;
  END IF;
  IF session_status IS DISTINCT FROM 'active' THEN
    made.refused := 'session-over';
    RETURN made;
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
