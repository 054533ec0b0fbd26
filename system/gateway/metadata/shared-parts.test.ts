import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { completionOf, testUploads, uploadShape } from './multipart.fixture.ts';
import { assertFilesCounted, newBucket, owner, putFile } from './test-objects.ts';

const { database, metadata, newUpload, storePart, areStored } = await testUploads();

/** A version of two parts of 600 bytes each, and an upload that is to have its parts. */
async function started() {
  const bucket = await newBucket(metadata);
  const source = { bucketName: bucket.name, key: 'source', accountId: owner.accountId };
  const target = { ...source, key: 'target' };
  const sourceId = await newUpload(source);
  const parts = [await storePart(sourceId, 1), await storePart(sourceId, 2)];
  assert.ok('version' in (await metadata.completeUpload(completionOf(source, parts), sourceId, parts)));
  const { version } = await metadata.lookup(bucket.name, source.key, undefined, 'head');
  assert.ok(version);
  const remove = () =>
    metadata.deleteVersions(bucket.name, owner.accountId, [
      { key: source.key, versionId: undefined, conditions: {}, nonce: '0123456789abcdef' },
    ]);
  return { target, uploadId: await newUpload(target), parts, versionUid: version.versionUid, remove };
}

test('a part that is a file of its source shares it, and keeps it when the source goes', async () => {
  const { target, uploadId, parts, versionUid, remove } = await started();
  for (const number of [1, 2, 7]) {
    const shared = await metadata.sharePart(uploadId, number, versionUid, { start: 600, end: 1200 });
    assert.ok(shared !== undefined && 'part' in shared);
    const { lastModified: _, ...part } = shared.part;
    assert.deepEqual(part, { ...parts[1], partNumber: number });
  }
  await remove();
  assert.deepEqual(await areStored(parts), [false, true]);
  await assertFilesCounted(database);
  const named = await metadata.uploadParts(uploadId, 0, 2);
  assert.ok('version' in (await metadata.completeUpload(completionOf(target, named), uploadId, named)));
  await assertFilesCounted(database);
});

test('a shared part that is replaced, or shared again, is counted once', async () => {
  const { uploadId, parts, versionUid, remove } = await started();
  const share = (start: number) => metadata.sharePart(uploadId, 1, versionUid, { start, end: start + 600 });
  await share(0);
  await share(0);
  await assertFilesCounted(database);
  await share(600);
  await assertFilesCounted(database);
  await storePart(uploadId, 1);
  await remove();
  assert.deepEqual(await areStored(parts), [false, false]);
  await assertFilesCounted(database);
});

test('what is not exactly a file of the source, or is gone, is not shared', async () => {
  const { uploadId, versionUid, remove } = await started();
  const share = (start: number, end: number) => metadata.sharePart(uploadId, 1, versionUid, { start, end });
  for (const [start, end] of [
    [0, 1200],
    [0, 599],
    [1, 600],
    [300, 900],
  ] as const) {
    assert.equal(await share(start, end), undefined);
  }
  await remove();
  assert.equal(await share(0, 600), undefined);
  assert.deepEqual(await metadata.uploadParts(uploadId, 0, 10), []);
});

test('an upload that wants checksums shares only a whole object that is known to have them', async () => {
  const bucket = await newBucket(metadata);
  const target = { bucketName: bucket.name, key: 'target', accountId: owner.accountId };
  const checksum = { algorithm: 'CRC32', type: 'FULL_OBJECT', value: 'AAAAAA==' } as const;
  const { fileId } = await putFile(metadata, bucket, 'source', { checksum });
  const { version } = await metadata.lookup(bucket.name, 'source', undefined, 'head');
  assert.ok(version);
  const shareWith = async (algorithm: 'CRC32' | 'SHA256') => {
    const uploadId = randomUUID();
    const wanted = { checksumAlgorithm: algorithm, checksumType: 'COMPOSITE' } as const;
    await metadata.createUpload(target, { uploadId, ...uploadShape, ...wanted });
    return metadata.sharePart(uploadId, 1, version.versionUid, { start: 0, end: version.sizeBytes });
  };
  const shared = await shareWith('CRC32');
  assert.ok(shared !== undefined && 'part' in shared);
  assert.equal(shared.part.fileId, fileId);
  assert.deepEqual(shared.part.checksum, { algorithm: 'CRC32', value: 'AAAAAA==' });
  assert.equal(await shareWith('SHA256'), undefined);
  await assertFilesCounted(database);
});

test('an upload that is over takes no shared part', async () => {
  const { target, uploadId, versionUid } = await started();
  await metadata.abortUpload(target.bucketName, target.key, uploadId);
  const refused = await metadata.sharePart(uploadId, 1, versionUid, { start: 0, end: 600 });
  assert.deepEqual(refused, { refused: 'source-gone' });
  await assertFilesCounted(database);
});
