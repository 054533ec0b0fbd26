import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testMetadata } from './test-database.ts';
import { deleteOne, newBucket, owner, putInline, refusalOf, reserveObject } from './test-objects.ts';

const { database, metadata } = await testMetadata();

test('a bucket that is new says so, and is found by its name with its owner', async () => {
  await metadata.putAccounts([{ ...owner, keys: [] }]);
  const { bucket, isNew } = await metadata.createBucket('photos', owner.accountId, 'eu-west-1');
  assert.equal(isNew, true);
  assert.deepEqual(bucket.owner, owner);
  assert.equal(bucket.versioning, 'unversioned');
  assert.deepEqual(await metadata.bucket('photos'), bucket);
  assert.equal(await metadata.bucket('photo'), undefined);
});

test('a name that is taken gives the bucket that has it', async () => {
  await metadata.putAccounts(
    [owner, { accountId: 'else', displayName: 'Else', email: null }].map((a) => ({ ...a, keys: [] })),
  );
  const first = await metadata.createBucket('taken', owner.accountId, 'eu-west-1');
  const again = await metadata.createBucket('taken', owner.accountId, 'us-east-1');
  assert.deepEqual(again, { bucket: first.bucket, isNew: false });
  assert.deepEqual(await metadata.createBucket('taken', 'else', 'eu-west-1'), { bucket: first.bucket, isNew: false });
});

test('of many who create one bucket at once exactly one is told that it is new', async () => {
  await metadata.putAccounts([{ ...owner, keys: [] }]);
  for (let round = 0; round < 10; round++) {
    const create = () => metadata.createBucket(`race-${round}`, owner.accountId, 'us-east-1');
    const results = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(create));
    assert.equal(results.filter(({ isNew }) => isNew).length, 1);
    assert.equal(new Set(results.map(({ bucket }) => bucket.bucketId)).size, 1);
  }
});

test('buckets are listed by owner and prefix, page by page, in the order of the bytes of their names', async () => {
  const lister = { accountId: 'lister', displayName: 'Li', email: null };
  await metadata.putAccounts([
    { ...lister, keys: [] },
    { ...owner, keys: [] },
  ]);
  const names = ['a-1', 'a.1', 'a1', 'aa', 'b', 'b-1'];
  for (const name of names) await metadata.createBucket(`list-${name}`, lister.accountId, 'us-east-1');
  await metadata.createBucket('list-not-mine', owner.accountId, 'us-east-1');
  const list = async (prefix: string, after: string, limit: number) =>
    (await metadata.listBuckets(lister.accountId, prefix, after, limit)).map(({ name }) => name.slice('list-'.length));
  assert.deepEqual(await list('', '', 100), names);
  assert.deepEqual(await list('list-a', '', 100), names.slice(0, 4));
  assert.deepEqual(await list('list-a', 'list-a-1', 2), ['a.1', 'a1']);
  assert.deepEqual(await list('list-a', 'list-b', 2), []);
  assert.deepEqual(await list('list-%', '', 100), []);
});

test('versioning is set, and not on a bucket that is gone', async () => {
  const bucket = await newBucket(metadata);
  assert.equal(await metadata.setVersioning(bucket.bucketId, 'enabled'), true);
  assert.equal((await metadata.bucket(bucket.name))?.versioning, 'enabled');
  await metadata.deleteBucket(bucket.bucketId);
  assert.equal(await metadata.setVersioning(bucket.bucketId, 'suspended'), false);
});

test('a version, or a delete marker, holds the bucket', async () => {
  const bucket = await newBucket(metadata, 'enabled');
  await deleteOne(metadata, bucket, 'k');
  assert.equal(await metadata.deleteBucket(bucket.bucketId), 'not-empty');
  const { version } = await metadata.lookup(bucket.name, 'k', undefined, 'head');
  await deleteOne(metadata, bucket, 'k', { versionId: version?.versionId });
  assert.equal(await metadata.deleteBucket(bucket.bucketId), 'deleted');
  assert.equal(await metadata.deleteBucket(bucket.bucketId), 'absent');
  assert.equal(await metadata.bucket(bucket.name), undefined);
});

test('uploads that were not completed go with the bucket, and their parts are queued for deletion', async () => {
  const bucket = await newBucket(metadata);
  const { fileId, chunks } = await reserveObject(metadata);
  await database.sql(`UPDATE files SET upload_status = 'completed', reference_count = 1 WHERE file_id = $1`, [fileId]);
  await database.sql(
    `WITH upload AS (
       INSERT INTO multipart_uploads (upload_id, bucket_id, object_key, owner_id) VALUES ('u1', $1, 'k', 'owner'))
     INSERT INTO upload_parts (upload_id, part_number, file_id, size_bytes, etag) VALUES ('u1', 1, $2, 5, 'e')`,
    [bucket.bucketId, fileId],
  );
  assert.equal(await metadata.deleteBucket(bucket.bucketId), 'deleted');
  assert.deepEqual(await database.sql('SELECT FROM files WHERE file_id = $1', [fileId]), []);
  const queued = await database.sql('SELECT FROM chunk_deletions WHERE chunk_id = ANY ($1)', [
    chunks.map(({ chunkId }) => chunkId),
  ]);
  assert.equal(queued.length, 12);
});

test('a put while its bucket is deleted is in a bucket that stays, or is refused', async () => {
  for (let round = 0; round < 40; round++) {
    const bucket = await newBucket(metadata);
    const [deleted, ...puts] = await Promise.all([
      metadata.deleteBucket(bucket.bucketId),
      ...[1, 2, 3].map((n) => putInline(metadata, bucket, `key ${n}`)),
    ]);
    const refused = puts.filter((put) => refusalOf(put) === 'no-bucket').length;
    assert.equal(refused, deleted === 'deleted' ? 3 : 0);
    const versions = await database.sql('SELECT FROM object_versions WHERE bucket_id = $1', [bucket.bucketId]);
    assert.equal(versions.length, 3 - refused);
  }
});
