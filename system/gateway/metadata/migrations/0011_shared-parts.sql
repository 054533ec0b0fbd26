-- S3: a part that is a copy of what is a file already shares that file, so that the copy moves no byte.

-- Answers 'source-gone' when there is no such upload under way, as put_part does. Answers neither a part nor a refusal when nothing can
-- be shared: the version is gone, the bytes asked for are not exactly one of its files, or the upload wants a checksum that is
-- not known of it. Checksums of parts are not taken: those of a copy may be of another algorithm than the copy itself.
CREATE FUNCTION share_part(id text, number integer, source_uid bigint, first_byte bigint, size bigint)
RETURNS TABLE (refused text, part upload_parts, freed_space boolean) LANGUAGE plpgsql AS $$
DECLARE
  wanted text;
  replaced uuid;
  source record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext(id), number);
  SELECT u.checksum_algorithm INTO wanted FROM multipart_uploads u
  WHERE u.upload_id = id AND u.bucket_id IS NOT NULL AND u.completed IS NULL FOR SHARE;
  IF NOT FOUND THEN
    refused := 'source-gone';
    RETURN NEXT;
    RETURN;
  END IF;
  SELECT p.file_id INTO replaced FROM upload_parts p WHERE p.upload_id = id AND p.part_number = number;
  -- The source is looked at after its file is locked: a version that is there then has files that are there.
  PERFORM lock_files(ARRAY(
    SELECT p.file_id FROM object_parts p
    WHERE p.version_uid = source_uid AND p.offset_bytes = first_byte AND p.size_bytes = size
    UNION ALL
    SELECT replaced WHERE replaced IS NOT NULL));
  SELECT p.file_id, p.etag, v.checksum_value INTO source
  FROM object_parts p JOIN object_versions v ON v.version_uid = p.version_uid
  WHERE p.version_uid = source_uid AND p.offset_bytes = first_byte AND p.size_bytes = size AND (wanted IS NULL
    OR v.checksum_algorithm = wanted AND v.checksum_type = 'FULL_OBJECT' AND v.size_bytes = p.size_bytes)
  LIMIT 1;
  IF FOUND THEN
    UPDATE files f SET reference_count = f.reference_count + 1 WHERE f.file_id = source.file_id;
    DELETE FROM upload_parts p WHERE p.upload_id = id AND p.part_number = number;
    INSERT INTO upload_parts AS p (upload_id, part_number, file_id, size_bytes, etag, checksum_algorithm, checksum_value)
    VALUES (id, number, source.file_id, size, source.etag, wanted, CASE WHEN wanted IS NOT NULL THEN source.checksum_value END)
    RETURNING p.* INTO part;
    freed_space := release_files(array_remove(ARRAY[replaced], NULL));
  END IF;
  RETURN NEXT;
END
$$;
