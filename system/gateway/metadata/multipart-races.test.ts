import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completionOf, testUploads } from './multipart.fixture.ts';
import { assertFilesCounted, newBucket, owner } from './test-objects.ts';

/** Two or more of Complete, Abort, UploadPart and DeleteBucket on one upload at the same moment, on different connections. */

const { database, metadata, newUpload, writtenPart, storePart, areStored } = await testUploads();

const ROUNDS = 25;

test('of completing and aborting exactly one happens, and no part is lost or leaked', async () => {
  const { name: bucketName } = await newBucket(metadata);
  for (let round = 0; round < ROUNDS; round++) {
    const target = { bucketName, key: `key-${round}`, accountId: owner.accountId };
    const uploadId = await newUpload(target);
    const parts = [await storePart(uploadId, 1), await storePart(uploadId, 2)];
    const put = completionOf(target, parts);
    // Which of them comes first changes with the round.
    const complete = () => metadata.completeUpload(put, uploadId, parts);
    const abort = () => metadata.abortUpload(bucketName, target.key, uploadId);
    const [aborted, ...completed] =
      round % 2 === 0
        ? await Promise.all([abort(), complete(), complete()])
        : await Promise.all([complete(), complete(), abort()]).then(([a, b, c]) => [c, a, b] as const);
    const made = completed.filter((one) => 'version' in one);
    assert.equal(made.length, aborted ? 0 : 2, `round ${round}: aborted ${aborted}, completed by ${made.length}`);
    if (!aborted) assert.deepEqual(made[0], { ...made[1], freedSpace: made[0]?.freedSpace });
    const { version } = await metadata.lookup(bucketName, target.key, undefined, 'head');
    assert.equal(version?.etag, aborted ? undefined : put.etag);
    assert.deepEqual(await areStored(parts), [!aborted, !aborted]);
  }
  await assertFilesCounted(database);
});

test('a part that is replaced while the upload is completed is in the version, or the completion is told that parts have changed', async () => {
  const { name: bucketName } = await newBucket(metadata);
  for (let round = 0; round < ROUNDS; round++) {
    const target = { bucketName, key: `key-${round}`, accountId: owner.accountId };
    const uploadId = await newUpload(target);
    const parts = [await storePart(uploadId, 1), await storePart(uploadId, 2)];
    const { part, commit } = await writtenPart(2);
    const late = await writtenPart(3);
    const [completed, replaced, added] = await Promise.all([
      metadata.completeUpload(completionOf(target, parts), uploadId, parts),
      metadata.putPart(uploadId, part, commit),
      metadata.putPart(uploadId, late.part, late.commit),
    ]);
    assert.ok(replaced !== undefined && added !== undefined);
    if ('version' in completed) {
      assert.deepEqual(replaced, { refused: 'source-gone' });
      assert.deepEqual(await areStored(parts), [true, true]);
    } else {
      assert.deepEqual(completed, { refused: 'parts-changed' });
      assert.ok('lastModified' in replaced);
      assert.equal((await metadata.uploadParts(uploadId, 0, 10)).length, 3);
    }
    // What was refused is cancelled by its gateway; what was given up with the completion is gone already.
    for (const one of [commit, late.commit]) await metadata.cancel(one.sessionId);
    if ('version' in completed) assert.deepEqual(await areStored([late.part]), [false]);
  }
  await assertFilesCounted(database);
});

test('of parts with one number that come at the same moment one stays, and the others go', async () => {
  const { name: bucketName } = await newBucket(metadata);
  const uploadId = await newUpload({ bucketName, key: 'key', accountId: owner.accountId });
  for (let round = 0; round < ROUNDS; round++) {
    const written = await Promise.all([1, 2, 3, 4].map(() => writtenPart(1)));
    await Promise.all(written.map(({ part, commit }) => metadata.putPart(uploadId, part, commit)));
    const [left, ...more] = await metadata.uploadParts(uploadId, 0, 10);
    assert.deepEqual(more, []);
    assert.deepEqual(
      await areStored(written.map(({ part }) => part)),
      written.map(({ part }) => part.fileId === left?.fileId),
    );
  }
  await assertFilesCounted(database);
});

test('a part that is sent again while the first call still runs is stored once', async () => {
  const { name: bucketName } = await newBucket(metadata);
  const uploadId = await newUpload({ bucketName, key: 'key', accountId: owner.accountId });
  for (let round = 0; round < ROUNDS; round++) {
    const { part, commit } = await writtenPart(round + 1);
    const stored = await Promise.all([1, 2, 3].map(() => metadata.putPart(uploadId, part, commit)));
    for (const one of stored) assert.deepEqual(one, { ...stored[0], freedSpace: false });
  }
  await assertFilesCounted(database);
});

test('a bucket that is deleted while uploads begin and parts arrive leaves nothing behind', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { name: bucketName, bucketId } = await newBucket(metadata);
    const target = { bucketName, key: 'key', accountId: owner.accountId };
    const uploadId = await newUpload(target);
    const parts = [await storePart(uploadId, 1)];
    const { part, commit } = await writtenPart(2);
    const [stored, begun, completed, deleted] = await Promise.all([
      metadata.putPart(uploadId, part, commit),
      newUpload(target).catch(() => 'refused'),
      round % 2 === 0 ? metadata.completeUpload(completionOf(target, parts), uploadId, parts) : undefined,
      metadata.deleteBucket(bucketId),
    ]);
    assert.ok(stored !== undefined && typeof begun === 'string');
    const isMade = completed !== undefined && 'version' in completed;
    assert.equal(deleted, isMade ? 'not-empty' : 'deleted', `round ${round}`);
    await metadata.cancel(commit.sessionId);
    if (!isMade) assert.deepEqual(await areStored([...parts, part]), [false, false]);
  }
  await assertFilesCounted(database);
});
