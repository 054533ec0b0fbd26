-- S3: keys and versions over the files. Functions that write take the lock of their key first and look afterwards, each
-- statement of a function with a snapshot of its own, so that writes to one key happen one after the other.

CREATE TABLE accounts (
  account_id text PRIMARY KEY,
  display_name text NOT NULL,
  email text,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE access_keys (
  access_key text PRIMARY KEY,
  account_id text NOT NULL REFERENCES accounts ON DELETE CASCADE,
  -- As it is: a signature is computed with it.
  secret_key text NOT NULL,
  is_enabled boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX access_keys_by_account ON access_keys (account_id);

CREATE TABLE buckets (
  bucket_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  bucket_name text COLLATE "C" NOT NULL UNIQUE,
  owner_id text NOT NULL REFERENCES accounts,
  region text NOT NULL,
  versioning text NOT NULL DEFAULT 'unversioned' CHECK (versioning IN ('unversioned', 'enabled', 'suspended')),
  -- Room for policy, CORS, lifecycle and the like.
  attributes jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX buckets_by_owner ON buckets (owner_id, bucket_name);

-- Null: the file was stored by POST /files, and is listed there. Otherwise it is content of objects: how many versions
-- and parts of uploads need it; none while it is being uploaded.
ALTER TABLE files ADD COLUMN reference_count integer CHECK (reference_count >= 0);

CREATE TABLE object_versions (
  -- Grows with every version of a key: the newest is the one with the highest.
  version_uid bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  bucket_id uuid NOT NULL REFERENCES buckets,
  -- UTF-8; bytes, because keys are ordered by them and may have any, zero included.
  object_key bytea NOT NULL,
  -- 'null', or version_uid as 16 hexadecimal digits and 16 random ones.
  version_id text NOT NULL,
  is_latest boolean NOT NULL,
  is_delete_marker boolean NOT NULL DEFAULT false,
  owner_id text NOT NULL REFERENCES accounts,
  last_modified timestamptz NOT NULL DEFAULT clock_timestamp(),
  size_bytes bigint NOT NULL DEFAULT 0,
  etag text NOT NULL DEFAULT '',
  checksum_algorithm text,
  checksum_type text,
  checksum_value text,
  -- Null unless it was made by a multipart upload.
  parts_count integer,
  -- The content of a small object; null when it is in object_parts.
  inline_data bytea,
  -- What the client said with it: headers, user metadata, storage class. Room for tags, locks and the like.
  attributes jsonb NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX object_versions_by_key ON object_versions (bucket_id, object_key, version_uid DESC);
CREATE UNIQUE INDEX objects_current ON object_versions (bucket_id, object_key) WHERE is_latest AND NOT is_delete_marker;

CREATE TABLE object_parts (
  version_uid bigint NOT NULL REFERENCES object_versions ON DELETE CASCADE,
  part_number integer NOT NULL,
  file_id uuid NOT NULL REFERENCES files,
  -- Of the part's first byte in the object.
  offset_bytes bigint NOT NULL,
  size_bytes bigint NOT NULL,
  etag text NOT NULL,
  checksum_value text,
  PRIMARY KEY (version_uid, part_number)
);
CREATE INDEX object_parts_by_file ON object_parts (file_id);

CREATE TABLE multipart_uploads (
  upload_id text PRIMARY KEY,
  bucket_id uuid NOT NULL REFERENCES buckets,
  object_key bytea NOT NULL,
  owner_id text NOT NULL REFERENCES accounts,
  initiated_at timestamptz NOT NULL DEFAULT now(),
  attributes jsonb NOT NULL DEFAULT '{}',
  checksum_algorithm text,
  checksum_type text,
  -- What it has made, for who asks again whether it was completed; null while it is under way.
  completed jsonb,
  completed_at timestamptz
);
CREATE INDEX multipart_uploads_active ON multipart_uploads (bucket_id, object_key, initiated_at, upload_id) WHERE completed IS NULL;
CREATE INDEX multipart_uploads_completed ON multipart_uploads (completed_at) WHERE completed IS NOT NULL;

CREATE TABLE upload_parts (
  upload_id text NOT NULL REFERENCES multipart_uploads,
  part_number integer NOT NULL CHECK (part_number BETWEEN 1 AND 10000),
  file_id uuid NOT NULL REFERENCES files,
  size_bytes bigint NOT NULL,
  etag text NOT NULL,
  checksum_algorithm text,
  checksum_value text,
  last_modified timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (upload_id, part_number)
);
CREATE INDEX upload_parts_by_file ON upload_parts (file_id);
