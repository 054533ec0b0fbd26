import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach } from 'node:test';
import type {
  Bucket,
  Deleted,
  DeleteTarget,
  ObjectPut,
  Stored,
  StoredVersion,
  Versioning,
} from '../objects/object-ports.ts';
import type { Reservation } from '../objects/ports.ts';
import type { PgMetadata } from './connect.ts';
import { commitOf, reservationOf, type TestDatabase, testMetadata } from './test-database.ts';

/** For tests: the account that owns what the functions here make. */
export const owner = { accountId: 'owner', displayName: 'Olga', email: 'olga@example.com' };

/** An empty database for the tests of one file. After each of them, all is as it must be of any objects. */
export async function testObjects() {
  const own = await testMetadata();
  afterEach(async () => {
    await assertLatestIsNewest(own.database);
    await assertFilesCounted(own.database);
  });
  return own;
}

export async function newBucket(metadata: PgMetadata, versioning: Versioning = 'unversioned'): Promise<Bucket> {
  await metadata.putAccounts([{ ...owner, keys: [] }]);
  const { bucket } = await metadata.createBucket(`b-${randomBytes(6).toString('hex')}`, owner.accountId, 'us-east-1');
  if (versioning !== 'unversioned') await metadata.setVersioning(bucket.bucketId, versioning);
  return { ...bucket, versioning };
}

const nonce = () => randomBytes(8).toString('hex');

export function putOf(bucket: Bucket, key: string, overrides: Partial<ObjectPut> = {}): ObjectPut {
  return {
    bucketName: bucket.name,
    key,
    accountId: owner.accountId,
    attributes: { contentType: 'text/plain', userMetadata: {}, storageClass: 'STANDARD' },
    sizeBytes: 5,
    etag: 'e1',
    checksum: undefined,
    conditions: {},
    nonce: nonce(),
    ...overrides,
  };
}

export function putInline(
  metadata: PgMetadata,
  bucket: Bucket,
  key: string,
  overrides: Partial<ObjectPut> = {},
): Promise<Stored> {
  return metadata.putInline(putOf(bucket, key, overrides), Buffer.from('hello'));
}

/** Reserves a file for an object. Its size will be that of commitOf. */
export async function reserveObject(metadata: PgMetadata, overrides: Partial<Reservation> = {}): Promise<Reservation> {
  const reservation = reservationOf({ isObject: true, filename: '', ...overrides });
  await metadata.reserve(reservation);
  return reservation;
}

export async function putFile(
  metadata: PgMetadata,
  bucket: Bucket,
  key: string,
  overrides: Partial<ObjectPut> = {},
): Promise<{ readonly fileId: string; readonly stored: Stored }> {
  const reservation = await reserveObject(metadata);
  const commit = { ...commitOf(reservation), sha256: null };
  const stored = await metadata.putFile(putOf(bucket, key, { sizeBytes: commit.sizeBytes, ...overrides }), commit);
  assert.ok(stored !== undefined, 'the session of a file that was just reserved is over');
  if ('refused' in stored) await metadata.cancel(reservation.sessionId);
  return { fileId: reservation.fileId, stored };
}

/** What was stored; fails on a refusal. */
export function versionOf(stored: Stored): StoredVersion {
  assert.ok(!('refused' in stored), `refused: ${JSON.stringify(stored)}`);
  return stored.version;
}

export function refusalOf(outcome: Stored | Deleted | { readonly refused: string } | undefined): string | undefined {
  return outcome !== undefined && 'refused' in outcome ? outcome.refused : undefined;
}

export async function deleteOne(
  metadata: PgMetadata,
  bucket: Bucket,
  key: string,
  target: Partial<DeleteTarget> = {},
): Promise<Deleted | { readonly refused: string } | undefined> {
  const full = { key, versionId: undefined, conditions: {}, nonce: nonce(), ...target };
  const [outcome] = await metadata.deleteVersions(bucket.name, owner.accountId, [full]);
  return outcome;
}

/** Versions of a key, the newest first, as an operator sees them: `id`, with `L` when latest and `D` for a delete marker. */
export async function versionsOf(database: TestDatabase, bucket: Bucket, key: string): Promise<string[]> {
  const rows = await database.sql<{ shown: string }>(
    `SELECT version_id || CASE WHEN is_latest THEN ' L' ELSE '' END || CASE WHEN is_delete_marker THEN ' D' ELSE '' END AS shown
     FROM object_versions WHERE bucket_id = $1 AND object_key = $2 ORDER BY version_uid DESC`,
    [bucket.bucketId, Buffer.from(key)],
  );
  return rows.map(({ shown }) => shown);
}

/**
 * Nothing is lost and nothing leaks: each file of objects is counted as often as it is referred to, a completed one at
 * least once, and what a deleted file had is queued for deletion.
 */
export async function assertFilesCounted(
  database: TestDatabase,
  everReserved: readonly Reservation[] = [],
): Promise<void> {
  const wrong = await database.sql(`
    SELECT f.file_id, f.upload_status, f.reference_count, r.referred FROM files f, LATERAL (
      SELECT (SELECT count(*) FROM object_parts p WHERE p.file_id = f.file_id)
        + (SELECT count(*) FROM upload_parts u WHERE u.file_id = f.file_id)
        + (SELECT coalesce(sum(w.times), 0) FROM file_releases w WHERE w.file_id = f.file_id) AS referred) AS r
    WHERE f.reference_count IS NOT NULL AND (f.reference_count <> r.referred
      OR (f.upload_status = 'completed') <> (f.reference_count > 0))`);
  assert.deepEqual(wrong, []);
  const lost = await database.sql(
    `SELECT c.id, s.server FROM unnest($1::uuid[], $2::text[]) AS c (id, server), LATERAL (SELECT c.server) AS s
     WHERE NOT EXISTS (SELECT FROM chunks x WHERE x.chunk_id = c.id)
       AND NOT EXISTS (SELECT FROM chunk_deletions d WHERE d.chunk_id = c.id AND d.server_id = s.server)`,
    [
      everReserved.flatMap(({ chunks }) => chunks.flatMap(({ chunkId, serverIds }) => serverIds.map(() => chunkId))),
      everReserved.flatMap(({ chunks }) => chunks.flatMap(({ serverIds }) => serverIds)),
    ],
  );
  assert.deepEqual(lost, []);
}

/** Exactly one current version at most, and it is the newest: of every key. */
async function assertLatestIsNewest(database: TestDatabase): Promise<void> {
  const wrong = await database.sql(`
    SELECT bucket_id, object_key FROM object_versions GROUP BY 1, 2
    HAVING count(*) FILTER (WHERE is_latest) <> 1 OR max(version_uid) <> max(version_uid) FILTER (WHERE is_latest)
      OR count(*) FILTER (WHERE version_id = 'null') > 1`);
  assert.deepEqual(wrong, []);
}
