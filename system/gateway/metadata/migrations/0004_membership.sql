-- One row. `cluster_id` is what nodes keep beside their data, so that data of another cluster is never taken for
-- this one's. `membership_version` grows with every change that gateways must hear of; they ask for it often.
CREATE TABLE cluster (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  cluster_id uuid NOT NULL DEFAULT gen_random_uuid(),
  membership_version bigint NOT NULL DEFAULT 0
);
INSERT INTO cluster DEFAULT VALUES;

ALTER TABLE storage_servers
  -- Of the process whose heartbeats count; null when it tells none.
  ADD COLUMN instance_id text,
  ADD COLUMN drain_started_at timestamptz;

-- Also when an operator sets the status by hand.
CREATE FUNCTION date_drain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> 'draining' THEN
    NEW.drain_started_at := NULL;
  ELSIF NEW.drain_started_at IS NULL THEN
    NEW.drain_started_at := now();
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER date_drain BEFORE INSERT OR UPDATE OF status ON storage_servers
  FOR EACH ROW EXECUTE FUNCTION date_drain();
UPDATE storage_servers SET status = status WHERE status = 'draining';

-- The new version becomes visible together with the change, so who has read the version and then the servers has
-- missed nothing.
CREATE FUNCTION count_membership_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE cluster SET membership_version = membership_version + 1;
  RETURN NULL;
END
$$;
CREATE TRIGGER count_arrival AFTER INSERT OR DELETE ON storage_servers
  FOR EACH ROW EXECUTE FUNCTION count_membership_change();
CREATE TRIGGER count_change AFTER UPDATE ON storage_servers
  FOR EACH ROW WHEN ((OLD.status, OLD.grpc_address) IS DISTINCT FROM (NEW.status, NEW.grpc_address))
  EXECUTE FUNCTION count_membership_change();
