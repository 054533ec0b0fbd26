-- How versions, and the buckets that held them, go.

CREATE TYPE delete_outcome AS (
  refused text,
  version_id text,
  is_delete_marker boolean,
  released uuid[]
);

-- One of delete_versions. Without an id: adds a delete marker, unless the bucket was never versioned. Where there is no
-- object, a condition holds, and what is to be deleted is deleted.
CREATE FUNCTION delete_version(
  bucket buckets, key bytea, account text, nonce text, conditions jsonb, wanted text
) RETURNS delete_outcome LANGUAGE plpgsql AS $$
DECLARE
  done delete_outcome := (NULL, wanted, false, '{}');
  made write_outcome;
  version record;
BEGIN
  done.refused := nullif(
    write_refusal(bucket, account, key, CASE WHEN wanted IS NULL THEN conditions END), 'no-key');
  IF done.refused IS NOT NULL THEN
    RETURN done;
  ELSIF wanted IS NULL THEN
    done.released := make_room(bucket, key);
    IF bucket.versioning <> 'unversioned' THEN
      made := insert_version(bucket, key, account, nonce, NULL, NULL, NULL);
      done.version_id := made.version_id;
      done.is_delete_marker := true;
    END IF;
    RETURN done;
  END IF;
  SELECT * INTO version FROM object_versions v
  WHERE v.bucket_id = bucket.bucket_id AND v.object_key = key AND v.version_id = wanted AND v.version_uid =
    CASE wanted WHEN 'null' THEN null_version_uid(bucket.bucket_id, key) ELSE version_uid_of(wanted) END;
  IF NOT FOUND THEN
    RETURN done;
  ELSIF NOT version.is_delete_marker THEN
    done.refused := condition_refusal(conditions, version.etag, version.last_modified, version.size_bytes);
    IF done.refused IS NOT NULL THEN
      RETURN done;
    END IF;
  END IF;
  done.is_delete_marker := version.is_delete_marker;
  done.released := remove_version(version.version_uid);
  IF version.is_latest THEN
    UPDATE object_versions SET is_latest = true WHERE version_uid = (
      SELECT v.version_uid FROM object_versions v
      WHERE v.bucket_id = bucket.bucket_id AND v.object_key = key ORDER BY v.version_uid DESC LIMIT 1);
  END IF;
  RETURN done;
END
$$;

-- Targets are [{key, nonce, conditions, versionId}], the key in hexadecimal digits, since JSON cannot say every byte.
-- The answers come in their order. Files are released after all keys, so that locks are taken in one order.
CREATE FUNCTION delete_versions(name text, account text, targets jsonb)
RETURNS TABLE (refused text, version_id text, is_delete_marker boolean, freed_space boolean) LANGUAGE plpgsql AS $$
DECLARE
  bucket buckets;
  target record;
  done delete_outcome[] := '{}';
  released uuid[];
  freed boolean;
BEGIN
  FOR target IN
    SELECT DISTINCT key_lock(decode(t ->> 'key', 'hex')) AS lock, decode(t ->> 'key', 'hex') AS key
    FROM jsonb_array_elements(targets) AS t ORDER BY lock
  LOOP
    bucket := lock_object_key(name, target.key);
  END LOOP;
  FOR target IN
    SELECT decode(t ->> 'key', 'hex') AS key, t ->> 'nonce' AS nonce, t -> 'conditions' AS conditions,
      t ->> 'versionId' AS wanted
    FROM jsonb_array_elements(targets) WITH ORDINALITY AS e (t, position) ORDER BY position
  LOOP
    done := done || delete_version(bucket, target.key, account, target.nonce, target.conditions, target.wanted);
  END LOOP;
  released := ARRAY(SELECT f.id FROM unnest(done) AS d, unnest(d.released) AS f (id));
  freed := release_files(released);
  RETURN QUERY SELECT d.refused, d.version_id, d.is_delete_marker, freed AND cardinality(d.released) > 0
    FROM unnest(done) AS d;
END
$$;

-- Nobody writes to the bucket while this looks whether it is empty, and who waited for it finds the bucket gone.
CREATE FUNCTION delete_bucket(bucket uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  name text;
BEGIN
  SELECT bucket_name INTO name FROM buckets WHERE bucket_id = bucket;
  PERFORM pg_advisory_xact_lock(bucket_lock(name));
  IF NOT EXISTS (SELECT FROM buckets WHERE bucket_id = bucket) THEN
    RETURN 'absent';
  ELSIF EXISTS (SELECT FROM object_versions WHERE bucket_id = bucket) THEN
    RETURN 'not-empty';
  END IF;
  PERFORM drop_uploads(bucket);
  DELETE FROM buckets WHERE bucket_id = bucket;
  RETURN 'deleted';
END
$$;
