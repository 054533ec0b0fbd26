-- S3: put_copy as before, but for the checksums of parts. They are read by the algorithm of their object, so a copy with another
-- algorithm than its source has none: what is told of a part would refute its bytes.
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
  SELECT v.etag, v.parts_count, v.inline_data, v.checksum_algorithm INTO source
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
  SELECT made.version_uid, p.part_number, p.file_id, p.offset_bytes, p.size_bytes, p.etag,
    CASE WHEN source.checksum_algorithm = put ->> 'checksumAlgorithm' THEN p.checksum_value END
  FROM unnest(parts) AS p;
  made.freed_space := release_files(replaced);
  RETURN made;
END
$$;
