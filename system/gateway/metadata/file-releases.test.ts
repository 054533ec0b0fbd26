import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { Bucket } from '../objects/object-ports.ts';
import { completionOf, testUploads } from './multipart.fixture.ts';
import { connectTo } from './test-database.ts';
import {
  assertFilesCounted,
  deleteOne,
  newBucket,
  owner,
  putFile,
  putInline,
  putOf,
  versionOf,
} from './test-objects.ts';

const { database, metadata, newUpload } = await testUploads();
afterEach(() => assertFilesCounted(database));

const AT_ONCE = 1_000;
const PART_BYTES = 600;

/** An object of so many parts, each a file with one chunk on two servers. */
async function putLarge(bucket: Bucket, key: string, parts: number): Promise<void> {
  await putInline(metadata, bucket, key);
  await database.sql(
    `WITH file AS (
       INSERT INTO files (file_id, filename, content_type, total_size, upload_status, reference_count)
       SELECT gen_random_uuid(), '', '', $4, 'completed', 1 FROM generate_series(1, $3::integer) RETURNING file_id
     ), chunk AS (
       INSERT INTO chunks (chunk_id, file_id, chunk_number, storage_server_id, replica_server_ids, chunk_size, status)
       SELECT gen_random_uuid(), file_id, 0, 'n0', '{n0,n1}', $4, 'completed' FROM file
     )
     INSERT INTO object_parts (version_uid, part_number, file_id, offset_bytes, size_bytes, etag)
     SELECT v.version_uid, n, f.file_id, (n - 1) * $4, $4, 'e'
     FROM (SELECT file_id, row_number() OVER () AS n FROM file) AS f, object_versions v
     WHERE v.bucket_id = $1 AND v.object_key = $2 AND v.is_latest`,
    [bucket.bucketId, Buffer.from(key), parts, PART_BYTES],
  );
}

const count = async (table: 'files' | 'chunks' | 'chunk_deletions' | 'file_releases') =>
  (await database.sql<{ n: number }>(`SELECT count(*)::integer AS n FROM ${table}`))[0]?.n ?? 0;

/** Of what the step has done, in files, rows that wait and replicas to be deleted. */
async function change(step: () => Promise<unknown>) {
  const counts = async () => [await count('files'), await count('file_releases'), await count('chunk_deletions')];
  const before = await counts();
  await step();
  return (await counts()).map((n, index) => n - (before[index] ?? 0));
}

const overwritings = {
  'is overwritten': (bucket: Bucket) => putInline(metadata, bucket, 'large'),
  'is deleted': (bucket: Bucket) => deleteOne(metadata, bucket, 'large'),
};

for (const [what, overwrite] of Object.entries(overwritings)) {
  test(`of an object of many parts that ${what} a thousand files go at once, and the others when cleanup comes to them`, async () => {
    const bucket = await newBucket(metadata);
    await putLarge(bucket, 'large', 2_500);
    assert.deepEqual(await change(() => overwrite(bucket)), [-AT_ONCE, 1_500, 2 * AT_ONCE]);
    await assertFilesCounted(database);
    assert.deepEqual(await change(() => metadata.expireSessions(900)), [-900, -900, 1_800]);
    assert.equal(await metadata.expireSessions(900), 600);
    assert.equal(await metadata.expireSessions(900), 0);
    assert.deepEqual([await count('files'), await count('chunks'), await count('file_releases')], [0, 0, 0]);
  });
}

test('a copy keeps the files that wait to be released by its source', async () => {
  const bucket = await newBucket(metadata);
  await putLarge(bucket, 'large', 1_200);
  const { version } = await metadata.lookup(bucket.name, 'large', undefined, 'head');
  versionOf(await metadata.putCopy(putOf(bucket, 'copy'), version?.versionUid ?? ''));
  assert.deepEqual(await change(() => deleteOne(metadata, bucket, 'large')), [0, 200, 0]);
  await assertFilesCounted(database);
  assert.deepEqual(await change(() => metadata.expireSessions(1_000)), [0, -200, 0]);
  assert.deepEqual(await change(() => deleteOne(metadata, bucket, 'copy')), [-AT_ONCE, 200, 2 * AT_ONCE]);
  assert.equal(await metadata.expireSessions(1_000), 200);
  assert.equal(await count('files'), 0);
});

test('gateways that clean up at once release each file once', async () => {
  const bucket = await newBucket(metadata);
  await putLarge(bucket, 'large', 2_000);
  await deleteOne(metadata, bucket, 'large');
  const released = await Promise.all([1, 2, 3, 4].map(() => metadata.expireSessions(300)));
  const rest = await metadata.expireSessions(1_000);
  assert.equal(
    released.reduce((sum, one) => sum + one, rest),
    1_000,
  );
});

test('uploads that are completed crosswise, each with the file that the other one replaces, do not wait in a circle', async () => {
  const failed: string[] = [];
  const observe = (operation: string, _ms: number, ok: boolean) => void (ok || failed.push(operation));
  await using gateway = await connectTo(database.url, { poolMin: 2 }, { observe });
  const bucket = await newBucket(metadata);
  for (let round = 0; round < 60; round++) {
    await Promise.all(['a', 'b'].map((key) => putFile(metadata, bucket, key)));
    const crosswise = [
      ['a', 'b'],
      ['b', 'a'],
    ].map(async ([from = '', to = '']) => {
      const { version } = await metadata.lookup(bucket.name, from, undefined, 'head');
      const target = { bucketName: bucket.name, key: to, accountId: owner.accountId };
      const uploadId = await newUpload(target);
      await metadata.sharePart(uploadId, 1, version?.versionUid ?? '', { start: 0, end: PART_BYTES });
      const parts = await metadata.uploadParts(uploadId, 0, 1);
      return () => gateway.completeUpload(completionOf(target, parts), uploadId, parts);
    });
    const completed = await Promise.all((await Promise.all(crosswise)).map((complete) => complete()));
    for (const one of completed) assert.ok('version' in one, JSON.stringify(one));
  }
  assert.deepEqual(failed, []);
});
