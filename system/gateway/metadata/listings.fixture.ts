import { randomBytes } from 'node:crypto';
import { type TestDatabase, testMetadata } from './test-database.ts';

/** For tests: buckets with keys in a database of their own, put there by SQL, many at a time. */
export async function testListings() {
  const { database, metadata } = await testMetadata();
  await database.sql(`INSERT INTO accounts (account_id, display_name, email) VALUES ('ada', 'Ada', 'ada@example.com')`);
  return { database, metadata, ...fill(database) };
}

function fill(database: TestDatabase) {
  return {
    async newBucket(): Promise<string> {
      const [row] = await database.sql<{ bucket_id: string }>(
        `INSERT INTO buckets (bucket_name, owner_id, region) VALUES ($1, 'ada', 'us-east-1') RETURNING bucket_id`,
        [randomBytes(8).toString('hex')],
      );
      return row?.bucket_id ?? '';
    },

    /** Versions in this order, the last one of a key its newest. Every third is a delete marker, if `mixed`. */
    async insertVersions(bucketId: string, keys: readonly string[], mixed = false): Promise<void> {
      await database.sql(
        `INSERT INTO object_versions (bucket_id, object_key, version_id, is_latest, is_delete_marker, owner_id, attributes)
     SELECT $1, key, rpad(to_hex(10000000 + n), 32, '0'), n = max(n) OVER (PARTITION BY key), $3 AND n % 3 = 0, 'ada',
       CASE WHEN $3 AND n % 3 = 0 THEN '{}' ELSE '{"storageClass": "GLACIER"}' END::jsonb
     FROM unnest($2::bytea[]) WITH ORDINALITY AS k (key, n) ORDER BY n`,
        [bucketId, keys.map((key) => Buffer.from(key)), mixed],
      );
      // The id of a version carries its number in front.
      await database.sql(
        `UPDATE object_versions SET version_id = lpad(to_hex(version_uid), 16, '0') || '0123456789abcdef' WHERE bucket_id = $1`,
        [bucketId],
      );
    },

    async insertUploads(bucketId: string, keys: readonly string[]): Promise<void> {
      await database.sql(
        `INSERT INTO multipart_uploads (upload_id, bucket_id, object_key, owner_id, initiated_at)
     SELECT md5(random()::text), $1, key, 'ada', now() + (n / 2) * interval '1 second'
     FROM unnest($2::bytea[]) WITH ORDINALITY AS k (key, n)`,
        [bucketId, keys.map((key) => Buffer.from(key))],
      );
    },
  };
}

export const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
