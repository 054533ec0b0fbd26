-- The tables of the foundation. What operators and other programs may insert are rows with the columns that
-- DESIGN.md lists; every column beyond those has a default or may be null.

CREATE TABLE storage_servers (
  server_id text PRIMARY KEY,
  -- host:port that gateways dial.
  grpc_address text NOT NULL,
  status text NOT NULL DEFAULT 'active'
    CHECK (status IN ('active', 'draining', 'inactive', 'removed', 'maintenance')),
  -- Bytes.
  available_space bigint NOT NULL DEFAULT 0,
  used_space bigint NOT NULL DEFAULT 0,
  total_space bigint NOT NULL DEFAULT 0,
  last_heartbeat timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- A copy for operators: gateways compute the ring from storage_servers.
CREATE TABLE hash_ring_nodes (
  server_id text NOT NULL,
  virtual_node_index integer NOT NULL,
  hash_value bigint NOT NULL,
  PRIMARY KEY (server_id, virtual_node_index)
);

CREATE TABLE files (
  file_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  filename text NOT NULL,
  content_type text NOT NULL DEFAULT 'application/octet-stream',
  -- Bytes; until the file is completed what the client declared, null when it declared nothing.
  total_size bigint,
  upload_status text NOT NULL DEFAULT 'pending'
    CHECK (upload_status IN ('pending', 'uploading', 'completed', 'failed')),
  -- SHA-256 in lower-case hexadecimal.
  checksum text,
  -- Bytes of one stripe unit: unit i of the file lies in chunk i mod 6.
  unit_bytes bigint,
  created_at timestamptz NOT NULL DEFAULT now(),
  completed_at timestamptz
);
-- Pages of the listing are found on these without touching the table.
CREATE INDEX files_completed ON files (created_at, file_id) WHERE upload_status = 'completed';
CREATE INDEX files_unfinished ON files (created_at, file_id) WHERE upload_status <> 'completed';

CREATE TABLE chunks (
  chunk_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  file_id uuid NOT NULL REFERENCES files ON DELETE CASCADE,
  chunk_number integer NOT NULL CHECK (chunk_number BETWEEN 0 AND 5),
  -- The primary. Not a foreign key: a chunk outlives the row of a server that was removed.
  storage_server_id text NOT NULL,
  chunk_size bigint,
  -- SHA-256 in lower-case hexadecimal.
  chunk_hash text,
  status text NOT NULL DEFAULT 'pending',
  -- Every server with a replica, the primary included. Empty means the primary alone.
  replica_server_ids text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (file_id, chunk_number)
);
-- All chunks of one server.
CREATE INDEX chunks_by_primary ON chunks (storage_server_id);
CREATE INDEX chunks_by_replica ON chunks USING gin (replica_server_ids);

CREATE TABLE upload_sessions (
  session_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  file_id uuid NOT NULL REFERENCES files ON DELETE CASCADE,
  status text NOT NULL DEFAULT 'active'
    CHECK (status IN ('active', 'completed', 'expired', 'cancelled')),
  -- By this database's clock, as everything here.
  expires_at timestamptz NOT NULL,
  received_bytes bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz
);
CREATE INDEX upload_sessions_by_file ON upload_sessions (file_id);
CREATE INDEX upload_sessions_active ON upload_sessions (expires_at) WHERE status = 'active';
CREATE INDEX upload_sessions_ended ON upload_sessions (coalesce(ended_at, expires_at)) WHERE status <> 'active';

-- Replicas that no file needs any more and that still have to be deleted on their nodes.
CREATE TABLE chunk_deletions (
  chunk_id uuid NOT NULL,
  server_id text NOT NULL,
  enqueued_at timestamptz NOT NULL DEFAULT now(),
  -- A deletion that somebody is carrying out, or that failed, is not due before this.
  not_before timestamptz NOT NULL DEFAULT now(),
  attempts integer NOT NULL DEFAULT 0,
  PRIMARY KEY (chunk_id, server_id)
);
CREATE INDEX chunk_deletions_due ON chunk_deletions (not_before);
