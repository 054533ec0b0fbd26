import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bucket } from '../objects/object-ports.ts';
import { commitOf, storeFile, testMetadata } from './test-database.ts';
import { deleteOne, newBucket, owner, putFile, putInline, putOf, reserveObject, versionOf } from './test-objects.ts';

const { database, metadata } = await testMetadata();

const look = (bucket: Bucket, versionId?: string) => metadata.lookup(bucket.name, 'k', versionId, 'content');

/** As completing a multipart upload does: a version whose content is these files, each of 600 bytes. */
async function storeParts(bucket: Bucket, key: string, parts: number): Promise<string[]> {
  const fileIds: string[] = [];
  versionOf(await putInline(metadata, bucket, key));
  for (let n = 0; n < parts; n++) fileIds.push((await putFile(metadata, bucket, `${key} part ${n}`)).fileId);
  const { version } = await metadata.lookup(bucket.name, key, undefined, 'head');
  await database.sql(
    `WITH made AS (
       UPDATE object_versions SET inline_data = NULL, parts_count = cardinality($2::uuid[]) WHERE version_uid = $1
     ), counted AS (
       UPDATE files SET reference_count = reference_count + 1 WHERE file_id = ANY ($2))
     INSERT INTO object_parts (version_uid, part_number, file_id, offset_bytes, size_bytes, etag, checksum_value)
     SELECT $1, n * 2, id, (n - 1) * 600, 600, 'part ' || n, 'sum ' || n FROM unnest($2::uuid[]) WITH ORDINALITY AS f (id, n)`,
    [version?.versionUid, fileIds],
  );
  return fileIds;
}

test('a version is told as it was put', async () => {
  const bucket = await newBucket(metadata, 'enabled');
  const attributes = {
    contentType: 'image/png',
    cacheControl: 'no-store',
    contentDisposition: 'attachment; filename="ü"',
    contentEncoding: 'gzip',
    contentLanguage: 'de',
    expires: 'Thu, 01 Dec 2030 16:00:00 GMT',
    websiteRedirectLocation: '/there',
    userMetadata: { a: 'b', ü: '"\\\u{1f600}' },
    storageClass: 'STANDARD_IA',
  };
  const checksum = { algorithm: 'CRC32C', type: 'FULL_OBJECT', value: 'AAAAAA==' } as const;
  const put = putOf(bucket, 'k', { attributes, checksum, sizeBytes: 2 ** 42, etag: 'abc' });
  const { versionId, lastModified } = versionOf(await metadata.putInline(put, Buffer.from('x')));
  const found = await look(bucket);
  assert.ok(found.version);
  const { versionUid, ...version } = found.version;
  assert.match(versionUid, /^[0-9]+$/);
  assert.deepEqual(version, {
    key: 'k',
    versionId,
    isLatest: true,
    isDeleteMarker: false,
    lastModified,
    owner,
    sizeBytes: 2 ** 42,
    etag: 'abc',
    attributes,
    checksum,
    partsCount: undefined,
  });
  assert.deepEqual(found.bucket, bucket);
});

test('the content of a small object comes with it, also when it is empty, and only when it is asked for', async () => {
  const bucket = await newBucket(metadata);
  for (const data of [Buffer.alloc(0), Buffer.from([0, 255, 92, 10]), Buffer.alloc(16_384, 7)]) {
    await metadata.putInline(putOf(bucket, 'k', { sizeBytes: data.length }), data);
    assert.deepEqual((await look(bucket)).content, { kind: 'inline', data });
  }
  assert.equal((await metadata.lookup(bucket.name, 'k', undefined, 'head')).content, undefined);
});

test('the one file of an object comes with its chunks', async () => {
  const bucket = await newBucket(metadata);
  const reservation = await reserveObject(metadata);
  const commit = { ...commitOf(reservation), sha256: null };
  await metadata.putFile(putOf(bucket, 'k', { sizeBytes: 600 }), commit);
  const { content } = await look(bucket);
  assert.ok(content?.kind === 'file');
  const { createdAt, ...file } = content.file;
  assert.ok(createdAt instanceof Date && Math.abs(createdAt.getTime() - Date.now()) < 60_000);
  assert.deepEqual(file, {
    fileId: reservation.fileId,
    filename: '',
    contentType: 'image/jpeg',
    sizeBytes: 600,
    sha256: null,
    uploadStatus: 'completed',
    unitBytes: 100,
    chunks: commit.chunks,
  });
});

test('an object of several files says so, and one of a single part is a file', async () => {
  const bucket = await newBucket(metadata);
  await storeParts(bucket, 'k', 3);
  const found = await look(bucket);
  assert.deepEqual(found.content, { kind: 'parts' });
  assert.equal(found.version?.partsCount, 3);
  const single = await newBucket(metadata);
  await storeParts(single, 'k', 1);
  assert.equal((await look(single)).content?.kind, 'file');
});

test('segments are the parts that overlap what is asked for, in order, at most so many', async () => {
  const bucket = await newBucket(metadata);
  const fileIds = await storeParts(bucket, 'k', 5);
  const uid = (await look(bucket)).version?.versionUid ?? '';
  const segments = async (start: number, end: number, limit = 10) =>
    (await metadata.segments(uid, start, end, limit)).map((segment) => {
      assert.equal(segment.file.fileId, fileIds[segment.partNumber / 2 - 1]);
      assert.equal(segment.file.chunks.length, 6);
      assert.equal(segment.offsetBytes, (segment.partNumber / 2 - 1) * 600);
      return segment.partNumber / 2;
    });
  assert.deepEqual(await segments(0, 3000), [1, 2, 3, 4, 5]);
  assert.deepEqual(await segments(600, 1200), [2]);
  assert.deepEqual(await segments(599, 1201), [1, 2, 3]);
  assert.deepEqual(await segments(1200, 3000, 2), [3, 4]);
  assert.deepEqual(await segments(3000, 9000), []);
  assert.deepEqual(await metadata.segments('0', 0, 3000, 10), []);
});

test('parts are listed behind a number, at most so many', async () => {
  const bucket = await newBucket(metadata);
  await storeParts(bucket, 'k', 5);
  const uid = (await look(bucket)).version?.versionUid ?? '';
  const parts = await metadata.objectParts(uid, 4, 2);
  assert.deepEqual(parts, [
    { partNumber: 6, offsetBytes: 1200, sizeBytes: 600, etag: 'part 3', checksum: 'sum 3' },
    { partNumber: 8, offsetBytes: 1800, sizeBytes: 600, etag: 'part 4', checksum: 'sum 4' },
  ]);
});

test('a copy of an object of several files has them all, and tells of parts only while it keeps the ETag', async () => {
  const bucket = await newBucket(metadata);
  const fileIds = await storeParts(bucket, 'k', 3);
  const uid = (await look(bucket)).version?.versionUid ?? '';
  for (const [etag, partsCount] of [
    ['e1', 3],
    ['other', undefined],
  ] as const) {
    versionOf(await metadata.putCopy(putOf(bucket, 'copy', { sizeBytes: 1800, etag }), uid));
    const { version } = await metadata.lookup(bucket.name, 'copy', undefined, 'content');
    assert.equal(version?.partsCount, partsCount);
    const segments = await metadata.segments(version?.versionUid ?? '', 0, 1800, 10);
    assert.deepEqual(
      segments.map(({ file }) => file.fileId),
      fileIds,
    );
  }
});

test('a version is found by its id, in its key alone', async () => {
  const bucket = await newBucket(metadata);
  await putInline(metadata, bucket, 'k', { etag: 'null' });
  await metadata.setVersioning(bucket.bucketId, 'enabled');
  const ids = [];
  for (const etag of ['first', 'second'])
    ids.push(versionOf(await putInline(metadata, bucket, 'k', { etag })).versionId);
  const [first = '', second = ''] = ids;
  const etag = async (id?: string) => (await look(bucket, id)).version?.etag;
  assert.deepEqual(await Promise.all([etag(), etag(second), etag(first), etag('null')]), [
    'second',
    'second',
    'first',
    'null',
  ]);
  assert.deepEqual((await look(bucket, first)).version?.isLatest, false);
  await putInline(metadata, bucket, 'other');
  for (const id of [`${first.slice(0, 16)}${'0'.repeat(16)}`, 'x', '', 'f'.repeat(32)])
    assert.equal(await etag(id), undefined);
  const elsewhere = await metadata.lookup(bucket.name, 'other', first, 'content');
  assert.deepEqual([elsewhere.version, elsewhere.bucket?.name], [undefined, bucket.name]);
});

test('a delete marker is found and has no content; what is not there is told apart from a bucket that is not', async () => {
  const bucket = await newBucket(metadata, 'enabled');
  await putInline(metadata, bucket, 'k');
  await deleteOne(metadata, bucket, 'k');
  const marker = await look(bucket);
  assert.deepEqual([marker.version?.isDeleteMarker, marker.version?.etag, marker.content], [true, '', undefined]);
  const absent = await metadata.lookup(bucket.name, 'absent', undefined, 'content');
  assert.deepEqual(absent, { bucket: { ...bucket, versioning: 'enabled' }, version: undefined, content: undefined });
  const nowhere = await metadata.lookup('not-there', 'k', undefined, 'content');
  assert.deepEqual(nowhere, { bucket: undefined, version: undefined, content: undefined });
});

test('files of objects are not among the files: neither read, listed, counted nor deleted there', async () => {
  const bucket = await newBucket(metadata);
  const uploading = await reserveObject(metadata);
  const { fileId } = await putFile(metadata, bucket, 'k');
  await storeFile(metadata);
  const before = await metadata.listFiles(1, 1000, undefined);
  assert.deepEqual([before.total, before.files.length], [1, 1]);
  assert.equal((await metadata.listFiles(1, 10, 'uploading')).total, 0);
  assert.equal(await metadata.file(fileId), undefined);
  assert.equal(await metadata.file(uploading.fileId), undefined);
  assert.equal(await metadata.deleteFile(fileId), undefined);
  await deleteOne(metadata, bucket, 'k');
  assert.equal((await metadata.listFiles(1, 1, undefined)).total, 1);
});
