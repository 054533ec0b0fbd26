-- S3: listings of keys, versions and uploads, a page at a time. Each is one function over one view, in the order of one
-- index, and made below from one text. A page reads what it shows and little more, wherever it begins: without a
-- delimiter it is a range of the index; with one, the range is left at every common prefix and entered anew behind it.
--
-- Keys are UTF-8, in which the bytes 0xFE and 0xFF do not occur: so the first key behind all those that begin with some
-- bytes is those bytes with the last one greater by one, and '\xff' is behind every key.

-- Null unless `delimiter` occurs in the key behind `prefix`.
CREATE FUNCTION common_prefix(object_key bytea, prefix bytea, delimiter bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT substring(object_key FOR length(prefix) + at - 1 + length(delimiter))
  FROM position(delimiter IN substring(object_key FROM length(prefix) + 1)) AS at
  WHERE at > 0
$$;

CREATE FUNCTION behind_prefix(prefix bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT set_byte(prefix, length(prefix) - 1, get_byte(prefix, length(prefix) - 1) + 1)
$$;

CREATE VIEW listed_versions AS
  SELECT bucket_id, object_key, version_uid, version_id, is_latest, is_delete_marker, owner_id, last_modified, size_bytes, etag,
    checksum_algorithm, checksum_type, attributes->>'storageClass' AS storage_class
  FROM object_versions;

CREATE VIEW listed_objects AS
  SELECT bucket_id, object_key, version_uid, version_id, is_latest, is_delete_marker, owner_id, last_modified, size_bytes, etag,
    checksum_algorithm, checksum_type, attributes->>'storageClass' AS storage_class
  FROM object_versions WHERE is_latest AND NOT is_delete_marker;

CREATE VIEW listed_uploads AS
  SELECT bucket_id, object_key, upload_id, owner_id, initiated_at,
    checksum_algorithm, checksum_type, attributes->>'storageClass' AS storage_class
  FROM multipart_uploads WHERE completed IS NULL;

-- What lies behind a marker inside one key. A marker that is not there any more is before everything, because a client that
-- deletes what it lists goes on with what is left.
CREATE FUNCTION version_of_marker(in_bucket_id uuid, in_key bytea, marker text) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    CASE marker WHEN 'null' THEN null_version_uid(in_bucket_id, in_key) ELSE version_uid_of(marker) END,
    9223372036854775807)
$$;

CREATE FUNCTION upload_of_marker(marker text) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT initiated_at FROM multipart_uploads WHERE upload_id = marker), '-infinity')
$$;

-- The first entry is at `first_key` or behind it; all are before `end_key`. With a marker, there are before them what lies
-- behind it within `marker_key`. A common prefix is a row of nulls but for `object_key`.
--
-- The settings leave the planner the index alone: a plan made while a table was small, or is not analysed yet, would sort it
-- all at every step, and is kept for as long as the connection lives.
DO $do$
DECLARE
  listing record;
BEGIN
  FOR listing IN SELECT * FROM (VALUES
    ('list_objects', 'listed_objects', 'object_key', 'false'),
    ('list_versions', 'listed_versions', 'object_key, version_uid DESC',
      'version_uid < version_of_marker(in_bucket_id, marker_key, marker)'),
    ('list_uploads', 'listed_uploads', 'object_key, initiated_at, upload_id',
      '(initiated_at, upload_id) > (upload_of_marker(marker), marker)')
  ) AS listings (name, source, in_order, is_behind_marker) LOOP
    EXECUTE format($create$
      CREATE FUNCTION %1$I(
        in_bucket_id uuid, prefix bytea, delimiter bytea, first_key bytea, end_key bytea, marker_key bytea, marker text, page_limit integer
      ) RETURNS SETOF %2$I LANGUAGE plpgsql STABLE
      SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_incremental_sort = off AS $$
      DECLARE
        entry %2$I;
        group_prefix bytea;
        next_key bytea := first_key;
        remaining integer := page_limit;
      BEGIN
        IF marker IS NOT NULL THEN
          RETURN QUERY SELECT * FROM %2$I
            WHERE bucket_id = in_bucket_id AND object_key = marker_key AND %4$s
            ORDER BY %3$s LIMIT page_limit;
          GET DIAGNOSTICS remaining = ROW_COUNT;
          remaining := page_limit - remaining;
        END IF;
        IF delimiter = '' THEN
          RETURN QUERY SELECT * FROM %2$I
            WHERE bucket_id = in_bucket_id AND object_key >= first_key AND object_key < end_key
            ORDER BY %3$s LIMIT remaining;
          RETURN;
        END IF;
        WHILE remaining > 0 AND next_key IS NOT NULL LOOP
          FOR entry IN SELECT * FROM %2$I
            WHERE bucket_id = in_bucket_id AND object_key >= next_key AND object_key < end_key
            ORDER BY %3$s LIMIT remaining
          LOOP
            group_prefix := common_prefix(entry.object_key, prefix, delimiter);
            IF group_prefix IS NOT NULL THEN
              entry := NULL;
              entry.object_key := group_prefix;
            END IF;
            RETURN NEXT entry;
            remaining := remaining - 1;
            EXIT WHEN group_prefix IS NOT NULL;
          END LOOP;
          next_key := behind_prefix(group_prefix);
          group_prefix := NULL;
        END LOOP;
      END
      $$
    $create$, listing.name, listing.source, listing.in_order, listing.is_behind_marker);
  END LOOP;
END
$do$;
