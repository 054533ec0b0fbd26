import { assert } from '../../common/assert.ts';
import type { Buckets } from '../objects/object-ports.ts';
import { type BucketRow, bucket, bucketColumns } from './bucket-rows.ts';
import { type Database, idempotent, notIdempotent } from './database.ts';

export function buckets(database: Database): Buckets {
  return {
    async createBucket(name, ownerId, region) {
      const values = [name, ownerId, region, database.deps.random.uuid()];
      const [row] = await database.query<BucketRow & { is_new: boolean }>('create_bucket', CREATE, values, idempotent);
      assert(
        row !== undefined,
        `creating the bucket ${name} gave no row, expected the new one or the one that is there`,
      );
      return { bucket: bucket(row), isNew: row.is_new };
    },

    async bucket(name) {
      const [row] = await database.query<BucketRow>('bucket', BY_NAME, [name], idempotent);
      return row === undefined ? undefined : bucket(row);
    },

    async listBuckets(ownerId, prefix, afterName, limit) {
      const values = [ownerId, prefix, afterName, limit];
      return (await database.query<BucketRow>('list_buckets', LIST, values, idempotent)).map(bucket);
    },

    async deleteBucket(bucketId) {
      const [row] = await database.query<{ outcome: 'deleted' | 'not-empty' | 'absent' }>(
        'delete_bucket',
        'SELECT delete_bucket($1) AS outcome',
        [bucketId],
        notIdempotent,
      );
      return row?.outcome ?? 'absent';
    },

    async setVersioning(bucketId, versioning) {
      return (await database.query('set_versioning', VERSIONING, [bucketId, versioning], notIdempotent)).length > 0;
    },
  };
}

// The id is the caller's, so who asks again after a lost answer is told again that the bucket is new. The update changes
// nothing: with it, the row that is there comes back also when it was inserted a moment ago.
const CREATE = `
  WITH b AS (
    INSERT INTO buckets (bucket_id, bucket_name, owner_id, region) VALUES ($4, $1, $2, $3)
    ON CONFLICT (bucket_name) DO UPDATE SET bucket_name = excluded.bucket_name
    RETURNING *
  )
  SELECT ${bucketColumns}, b.bucket_id = $4 AS is_new FROM b JOIN accounts a ON a.account_id = b.owner_id`;

const SELECT = `SELECT ${bucketColumns} FROM buckets b JOIN accounts a ON a.account_id = b.owner_id`;

const BY_NAME = `${SELECT} WHERE b.bucket_name = $1`;

// Names that begin with a prefix are not before it.
const LIST = `
  ${SELECT}
  WHERE b.owner_id = $1 AND b.bucket_name > $3 AND b.bucket_name >= $2 AND starts_with(b.bucket_name, $2)
  ORDER BY b.bucket_name LIMIT $4`;

// Writes under way have the bucket's lock and have read its state: they come before this, or else one of them could still take
// away a version that somebody has seen since.
const VERSIONING = `
  WITH alone AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(bucket_lock(bucket_name)) FROM buckets WHERE bucket_id = $1
  )
  UPDATE buckets SET versioning = $2 FROM alone WHERE bucket_id = $1 RETURNING bucket_id`;
