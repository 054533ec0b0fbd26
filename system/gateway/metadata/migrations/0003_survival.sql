-- What the jobs that keep replicas whole remember. All moments are by this database's clock.

-- Replicas that are known to be bad: a read, the scrub or the census found them so. A chunk counts on none of them.
CREATE TABLE replica_problems (
  chunk_id uuid NOT NULL REFERENCES chunks ON DELETE CASCADE,
  server_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('absent', 'damaged')),
  found_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (chunk_id, server_id)
);

-- Chunks whose repair failed. The next attempt is not before `not_before`.
CREATE TABLE chunk_repairs (
  chunk_id uuid PRIMARY KEY REFERENCES chunks ON DELETE CASCADE,
  -- No good replica is left: reads of its file answer an error until one comes back.
  is_lost boolean NOT NULL,
  reason text NOT NULL,
  failed_at timestamptz NOT NULL DEFAULT now(),
  attempts integer NOT NULL DEFAULT 1,
  not_before timestamptz NOT NULL
);
CREATE INDEX chunk_repairs_lost ON chunk_repairs (failed_at, chunk_id) WHERE is_lost;

-- Replicas that are being made or looked at. Nobody deletes a claimed one; the chunk may be gone before the claim.
CREATE TABLE replica_claims (
  chunk_id uuid NOT NULL,
  server_id text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (chunk_id, server_id)
);
CREATE INDEX replica_claims_expiry ON replica_claims (expires_at);

-- Where jobs have got to, and their figures: whichever gateway runs a job next goes on from there.
CREATE TABLE job_state (
  job text PRIMARY KEY,
  state jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Chunk files that no row lists, as the census saw them. Nodes' clocks may be wrong, so their age is counted from here too.
CREATE TABLE orphans (
  chunk_id uuid NOT NULL,
  server_id text NOT NULL,
  first_seen_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (server_id, chunk_id)
);
