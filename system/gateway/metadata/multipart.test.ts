import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completionOf, testUploads, uploadShape } from './multipart.fixture.ts';
import { assertFilesCounted, newBucket, owner } from './test-objects.ts';

const { database, metadata, newUpload, writtenPart, storePart, areStored } = await testUploads();

const targetIn = (bucketName: string, key = 'photos/7') => ({ bucketName, key, accountId: owner.accountId });

/** A bucket, and in it an upload with as many parts. */
async function started(partCount: number) {
  const bucket = await newBucket(metadata);
  const target = targetIn(bucket.name);
  const uploadId = await newUpload(target);
  const parts = [];
  for (let number = 1; number <= partCount; number++) parts.push(await storePart(uploadId, number));
  const find = () => metadata.upload(target.bucketName, target.key, uploadId);
  const abort = () => metadata.abortUpload(target.bucketName, target.key, uploadId);
  return { bucket, target, uploadId, parts, find, abort };
}

test('an upload is found under its key, with what was said when it began; beginning it twice is beginning it once', async () => {
  const { bucket, target, uploadId, find } = await started(0);
  const again = await metadata.createUpload(target, { uploadId, ...uploadShape });
  const { upload, completed } = await find();
  assert.ok(upload);
  assert.deepEqual({ initiatedAt: upload.initiatedAt }, again);
  assert.deepEqual(upload.attributes, uploadShape.attributes);
  assert.deepEqual(upload.owner, owner);
  assert.equal(completed, undefined);
  const elsewhere = await metadata.upload(bucket.name, 'another key', uploadId);
  assert.deepEqual(elsewhere, { bucket, upload: undefined, completed: undefined });
});

test('nobody begins or completes an upload in a bucket of somebody else, or in one that is not there', async () => {
  const { target, uploadId, parts } = await started(1);
  const upload = { uploadId: 'x', ...uploadShape };
  await metadata.putAccounts([{ accountId: 'bob', displayName: 'Bob', email: null, keys: [] }]);
  const strangers = { ...target, accountId: 'bob' };
  assert.deepEqual(await metadata.createUpload(strangers, upload), { refused: 'not-owner' });
  assert.deepEqual(await metadata.createUpload(targetIn('nowhere'), upload), { refused: 'no-bucket' });
  const refused = await metadata.completeUpload(completionOf(strangers, parts), uploadId, parts);
  assert.deepEqual(refused, { refused: 'not-owner' });
});

test('parts are listed in their order, from behind a number, so many at once', async () => {
  const { uploadId, parts } = await started(4);
  const listed = await metadata.uploadParts(uploadId, 1, 2);
  assert.deepEqual(
    listed.map(({ lastModified: _, ...part }) => part),
    parts.slice(1, 3),
  );
});

test('a part takes the place of an older one with its number, whose file goes', async () => {
  const { uploadId, parts } = await started(2);
  const newer = await storePart(uploadId, 2);
  const listed = await metadata.uploadParts(uploadId, 0, 10);
  assert.deepEqual(
    listed.map((part) => part.fileId),
    [parts[0]?.fileId, newer.fileId],
  );
  assert.deepEqual(await areStored([...parts, newer]), [true, false, true]);
  await assertFilesCounted(database);
});

test('a part that is sent again after a lost answer is stored once, and does not come back when it was replaced since', async () => {
  const { uploadId } = await started(0);
  const { part, commit } = await writtenPart(1);
  const first = await metadata.putPart(uploadId, part, commit);
  assert.deepEqual(await metadata.putPart(uploadId, part, commit), first);
  const newer = await storePart(uploadId, 1);
  assert.equal(await metadata.putPart(uploadId, part, commit), undefined, 'its session went with its file');
  const listed = await metadata.uploadParts(uploadId, 0, 10);
  assert.deepEqual(
    listed.map((one) => one.fileId),
    [newer.fileId],
  );
  await assertFilesCounted(database);
});

test('a part whose session is over is not stored', async () => {
  const { uploadId } = await started(0);
  const { part, commit } = await writtenPart(1);
  await metadata.cancel(commit.sessionId);
  assert.equal(await metadata.putPart(uploadId, part, commit), undefined);
  assert.deepEqual(await metadata.uploadParts(uploadId, 0, 10), []);
});

test('a completed upload is a version with the parts that were named, one behind the other; the others are gone', async () => {
  const { bucket, target, uploadId, parts, find } = await started(4);
  const named = parts.filter((part) => part.partNumber !== 2);
  const put = completionOf(target, named, { checksum: { algorithm: 'CRC32', type: 'COMPOSITE', value: 'AAAAAA==-3' } });
  const stored = await metadata.completeUpload(put, uploadId, named);
  assert.ok('version' in stored);
  assert.equal(stored.freedSpace, true);
  const { version, content } = await metadata.lookup(target.bucketName, target.key, undefined, 'content');
  assert.ok(version);
  assert.deepEqual(content, { kind: 'parts' });
  assert.equal(version.etag, put.etag);
  assert.equal(version.partsCount, 3);
  assert.deepEqual(version.checksum, put.checksum);
  assert.deepEqual(stored.version.lastModified, version.lastModified);
  const segments = await metadata.segments(version.versionUid, 0, put.sizeBytes, 10);
  assert.deepEqual(
    segments.map(({ partNumber, offsetBytes, file }) => [partNumber, offsetBytes, file.fileId]),
    named.map((part, i) => [part.partNumber, 600 * i, part.fileId]),
  );
  assert.deepEqual(await find(), { bucket, upload: undefined, completed: stored.version });
  assert.deepEqual(await areStored(parts), [true, false, true, true]);
  await assertFilesCounted(database);
});

test('who completes an upload again is told what the first one made, although its condition does not hold any more', async () => {
  const { target, uploadId, parts } = await started(2);
  const put = completionOf(target, parts, { conditions: { ifNoneMatch: ['*'] } });
  const first = await metadata.completeUpload(put, uploadId, parts);
  assert.ok('version' in first);
  const again = await metadata.completeUpload(completionOf(target, [1], { conditions: put.conditions }), uploadId, []);
  assert.deepEqual(again, { version: first.version, freedSpace: false });
});

test('an upload whose condition does not hold, or whose parts have changed, stays as it is', async () => {
  const { target, uploadId, parts } = await started(2);
  const other = await newUpload(target);
  const otherPart = await storePart(other, 1);
  assert.ok('version' in (await metadata.completeUpload(completionOf(target, [otherPart]), other, [otherPart])));
  const conditional = completionOf(target, parts, { conditions: { ifNoneMatch: ['*'] } });
  assert.deepEqual(await metadata.completeUpload(conditional, uploadId, parts), { refused: 'precondition-failed' });
  for (const changed of [
    [otherPart],
    [...parts, { partNumber: 3, fileId: otherPart.fileId }],
    parts.map(({ fileId }, i) => ({ partNumber: 2 - i, fileId })),
  ]) {
    const refused = await metadata.completeUpload(completionOf(target, changed), uploadId, changed);
    assert.deepEqual(refused, { refused: 'parts-changed' });
  }
  assert.equal((await metadata.uploadParts(uploadId, 0, 10)).length, 2);
  assert.ok('version' in (await metadata.completeUpload(completionOf(target, parts), uploadId, parts)));
  assert.deepEqual(await areStored([otherPart]), [false], 'the version that was overwritten is gone with its file');
  await assertFilesCounted(database);
});

test('an upload that was aborted is gone with its parts, and takes no more', async () => {
  const { bucket, target, uploadId, parts, find, abort } = await started(3);
  const { part, commit } = await writtenPart(4);
  assert.equal(await abort(), true);
  assert.equal(await abort(), false);
  assert.deepEqual(await find(), { bucket, upload: undefined, completed: undefined });
  assert.deepEqual(await areStored(parts), [false, false, false]);
  const gone = { refused: 'source-gone' };
  assert.deepEqual(await metadata.completeUpload(completionOf(target, parts), uploadId, parts), gone);
  assert.deepEqual(await metadata.putPart(uploadId, part, commit), gone);
  assert.notDeepEqual(
    await metadata.cancel(commit.sessionId),
    [],
    'the file of a refused part is for its gateway to cancel',
  );
  await assertFilesCounted(database);
});

test('a completed upload cannot be aborted', async () => {
  const { target, uploadId, parts, abort } = await started(1);
  await metadata.completeUpload(completionOf(target, parts), uploadId, parts);
  assert.equal(await abort(), false);
  assert.ok((await metadata.lookup(target.bucketName, target.key, undefined, 'head')).version);
});

test('parts that are too many to go with the abort at once are released by cleanup, step by step', async () => {
  const { target, uploadId, parts } = await started(7);
  await database.sql('SELECT abort_upload($1, $2, $3, 2)', [target.bucketName, Buffer.from(target.key), uploadId]);
  const stored = async () => (await areStored(parts)).filter(Boolean).length;
  assert.equal(await stored(), 5);
  assert.equal(await metadata.expireSessions(3), 3);
  assert.equal(await stored(), 2);
  assert.equal(await metadata.expireSessions(3), 3, 'two parts and the upload');
  assert.equal(await metadata.expireSessions(3), 0);
  assert.deepEqual(await database.sql('SELECT FROM multipart_uploads WHERE upload_id = $1', [uploadId]), []);
  await assertFilesCounted(database);
});

test('what an upload has made is remembered for a day', async () => {
  const { target, uploadId, parts, find } = await started(1);
  await metadata.completeUpload(completionOf(target, parts), uploadId, parts);
  const ago = `UPDATE multipart_uploads SET completed_at = now() - $2::interval WHERE upload_id = $1`;
  await database.sql(ago, [uploadId, '23 hours']);
  await metadata.expireSessions(100);
  assert.ok((await find()).completed);
  await database.sql(ago, [uploadId, '25 hours']);
  await metadata.expireSessions(100);
  assert.equal((await find()).completed, undefined);
});

test('a bucket takes its uploads with it, those under way with their parts', async () => {
  const { bucket, target, uploadId, parts, find } = await started(2);
  assert.equal(await metadata.deleteBucket(bucket.bucketId), 'deleted');
  assert.equal((await find()).upload, undefined);
  assert.deepEqual(await areStored(parts), [false, false]);
  const { part, commit } = await writtenPart(3);
  assert.deepEqual(await metadata.putPart(uploadId, part, commit), { refused: 'source-gone' });
  await metadata.createBucket(target.bucketName, owner.accountId, 'us-east-1');
  assert.equal((await find()).upload, undefined, 'not in a new bucket of the same name either');
  await assertFilesCounted(database);
});
