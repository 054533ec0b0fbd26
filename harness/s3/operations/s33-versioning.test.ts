/** Versions are what users fall back on when they have overwritten or deleted by mistake. A failure means there is no way back. */
import assert from 'node:assert/strict';
import { ownBucket, plainS3Of, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { bytesOf, contentOf } from '../content.ts';
import { overS3 } from '../over-s3.ts';
import { assertRefused } from '../refused.ts';
import { historyOf } from '../version-history.ts';

testCase('S33', 'versioning is off, then enabled or suspended, and never off again', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const status = async () => (await s3.getBucketVersioning({ Bucket })).Status;
  const set = (Status: string) =>
    s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: Status as 'Enabled' } });
  assert.equal(await status(), undefined);
  await set('Enabled');
  assert.equal(await status(), 'Enabled');
  await set('Suspended');
  assert.equal(await status(), 'Suspended');
  await assertRefused(set('Off'), 400, 'MalformedXML');
  assert.equal(await status(), 'Suspended');
});

testCase(
  'S34',
  'every put makes a version that can be read by its id for ever, the newest by the key alone',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const plain = plainS3Of(ctx);
    const Bucket = await ownBucket(ctx, s3, { isVersioned: true });
    const Key = 'key';
    const made: { id: string | undefined; content: Buffer }[] = [];
    for (const [n, size] of [10, 50_000, 0, 20].entries()) {
      const content = contentOf(ctx, String(n), size);
      const { VersionId } = await s3.putObject({ Bucket, Key, Body: content });
      assert.ok(VersionId && VersionId !== 'null');
      made.push({ id: VersionId, content });
    }
    assert.equal(new Set(made.map(({ id }) => id)).size, made.length, 'no two versions have one id');
    for (const { id, content } of made) {
      const got = await s3.getObject({ Bucket, Key, VersionId: id });
      assert.deepEqual([await bytesOf(got), got.VersionId], [content, id]);
    }
    const newest = made.at(-1);
    const got = await s3.getObject({ Bucket, Key });
    assert.deepEqual([await bytesOf(got), got.VersionId], [newest?.content, newest?.id]);
    assert.deepEqual(
      await historyOf(plain, Bucket),
      made.toReversed().map(({ id }, index) => `${Key} ${id}${index === 0 ? ' latest' : ''}`),
    );
    assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 1);
  },
);

testCase('S35', 'a delete sets a marker over the versions, and goes with it again', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const plain = plainS3Of(ctx);
  const Bucket = await ownBucket(ctx, s3, { isVersioned: true });
  const Key = 'key';
  const { VersionId } = await s3.putObject({ Bucket, Key, Body: 'kept' });

  const marker = await s3.deleteObject({ Bucket, Key });

  assert.equal(marker.DeleteMarker, true);
  await assertRefused(s3.getObject({ Bucket, Key }), 404, 'NoSuchKey');
  const missing = await plain.send({ method: 'HEAD', bucket: Bucket, key: Key });
  assert.deepEqual(
    [missing.status, missing.headers['x-amz-delete-marker'], missing.headers['x-amz-version-id']],
    [404, 'true', marker.VersionId],
  );
  await assertRefused(s3.getObject({ Bucket, Key, VersionId: marker.VersionId }), 405, 'MethodNotAllowed');
  assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
  assert.deepEqual(await historyOf(plain, Bucket), [`${Key} ${marker.VersionId} marker latest`, `${Key} ${VersionId}`]);
  assert.equal((await bytesOf(await s3.getObject({ Bucket, Key, VersionId }))).toString(), 'kept');

  const removed = await s3.deleteObject({ Bucket, Key, VersionId: marker.VersionId });
  assert.deepEqual([removed.DeleteMarker, removed.VersionId], [true, marker.VersionId]);
  assert.equal((await bytesOf(await s3.getObject({ Bucket, Key }))).toString(), 'kept');
});

testCase(
  'S36',
  'deleting a version by its id is for good, and the one below it becomes the newest',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const plain = plainS3Of(ctx);
    const Bucket = await ownBucket(ctx, s3, { isVersioned: true });
    const Key = 'key';
    const ids: (string | undefined)[] = [];
    for (const Body of ['one', 'two', 'three']) ids.push((await s3.putObject({ Bucket, Key, Body })).VersionId);
    const [one, two, three] = ids;

    await s3.deleteObject({ Bucket, Key, VersionId: three });
    assert.equal((await bytesOf(await s3.getObject({ Bucket, Key }))).toString(), 'two');
    await assertRefused(s3.getObject({ Bucket, Key, VersionId: three }), 404, 'NoSuchVersion');
    await s3.deleteObject({ Bucket, Key, VersionId: one });
    assert.deepEqual(await historyOf(plain, Bucket), [`${Key} ${two} latest`]);
    await s3.deleteObject({ Bucket, Key, VersionId: two });
    assert.deepEqual(await historyOf(plain, Bucket), []);
    assert.equal((await s3.deleteObject({ Bucket, Key, VersionId: two })).$metadata.httpStatusCode, 204);
    await s3.deleteBucket({ Bucket });
  },
);

testCase(
  'S37',
  'what was there before versioning is the version "null", which a suspended bucket replaces',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const plain = plainS3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    const Key = 'key';
    const set = (Status: 'Enabled' | 'Suspended') =>
      s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status } });
    await s3.putObject({ Bucket, Key, Body: 'before' });
    await set('Enabled');
    assert.equal((await s3.getObject({ Bucket, Key })).VersionId, 'null');
    const { VersionId } = await s3.putObject({ Bucket, Key, Body: 'enabled' });
    assert.equal((await bytesOf(await s3.getObject({ Bucket, Key, VersionId: 'null' }))).toString(), 'before');

    await set('Suspended');
    const put = await s3.putObject({ Bucket, Key, Body: 'suspended' });
    assert.ok(put.VersionId === 'null' || put.VersionId === undefined);
    assert.deepEqual(await historyOf(plain, Bucket), [`${Key} null latest`, `${Key} ${VersionId}`]);
    await s3.putObject({ Bucket, Key, Body: 'suspended again' });
    assert.deepEqual(await historyOf(plain, Bucket), [`${Key} null latest`, `${Key} ${VersionId}`]);
    const marker = await s3.deleteObject({ Bucket, Key });
    assert.deepEqual([marker.DeleteMarker, marker.VersionId], [true, 'null']);
    assert.deepEqual(await historyOf(plain, Bucket), [`${Key} null marker latest`, `${Key} ${VersionId}`]);
    await s3.deleteObject({ Bucket, Key, VersionId: 'null' });
    assert.equal((await bytesOf(await s3.getObject({ Bucket, Key }))).toString(), 'enabled');
  },
);

testCase('S38', 'a version that is not there, or is no version id, is refused by name', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3, { isVersioned: true });
  const Key = 'key';
  const { VersionId = '' } = await s3.putObject({ Bucket, Key, Body: 'x' });
  await s3.deleteObject({ Bucket, Key, VersionId });
  await assertRefused(s3.getObject({ Bucket, Key, VersionId }), 404, 'NoSuchVersion');
  await assertRefused(s3.getObject({ Bucket, Key, VersionId: 'null' }), 404, 'NoSuchVersion');
  await assertRefused(s3.getObject({ Bucket, Key, VersionId: 'no version id' }), 400, 'InvalidArgument');
});
