-- How many files are completed, without counting them: with 100,000 files a count costs ten times as much as the
-- page of the listing that it belongs to. The number is spread over slots, so that commits on different
-- connections do not wait for one row; its sum is exact in every snapshot.

CREATE TABLE completed_files_count (
  slot integer PRIMARY KEY CHECK (slot BETWEEN 0 AND 63),
  -- May be negative in one slot: a file is counted on one connection and taken away on another.
  files bigint NOT NULL
) WITH (fillfactor = 10);

INSERT INTO completed_files_count (slot, files)
SELECT slot, CASE slot WHEN 0 THEN (SELECT count(*) FROM files WHERE upload_status = 'completed') ELSE 0 END
FROM generate_series(0, 63) AS slot;

CREATE FUNCTION count_completed_files() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  difference bigint := 0;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    UPDATE completed_files_count SET files = 0 WHERE files <> 0;
    RETURN NULL;
  END IF;
  IF TG_OP IN ('INSERT', 'UPDATE') THEN
    difference := difference + (SELECT count(*) FROM after WHERE upload_status = 'completed');
  END IF;
  IF TG_OP IN ('UPDATE', 'DELETE') THEN
    difference := difference - (SELECT count(*) FROM before WHERE upload_status = 'completed');
  END IF;
  IF difference <> 0 THEN
    UPDATE completed_files_count SET files = files + difference WHERE slot = pg_backend_pid() % 64;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER count_inserted AFTER INSERT ON files REFERENCING NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION count_completed_files();
CREATE TRIGGER count_updated AFTER UPDATE ON files REFERENCING OLD TABLE AS before NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION count_completed_files();
CREATE TRIGGER count_deleted AFTER DELETE ON files REFERENCING OLD TABLE AS before
  FOR EACH STATEMENT EXECUTE FUNCTION count_completed_files();
CREATE TRIGGER count_truncated AFTER TRUNCATE ON files
  FOR EACH STATEMENT EXECUTE FUNCTION count_completed_files();
