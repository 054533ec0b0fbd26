/** Copies share what they are made of. A failure means that deleting one object takes another one's bytes away. */
import assert from 'node:assert/strict';
import { otherAccount, ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { assertSameBytes, bytesOf, contentOf } from '../content.ts';
import { oddKeys } from '../odd-keys.ts';
import { overS3 } from '../over-s3.ts';
import { putInParts } from '../put-in-parts.ts';
import { assertRefused } from '../refused.ts';
import { MiB, partBytesMin } from '../sizes.ts';

testCase(
  'S51',
  'a copy has the bytes, the ETag and what was said of its source, and outlives it',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    const other = await ownBucket(ctx, s3, { label: 'b' });
    const said = { ContentType: 'text/plain', CacheControl: 'no-cache', Metadata: { of: 'source' } };
    for (const size of [0, 10, 2 * MiB + 3]) {
      const content = contentOf(ctx, String(size), size);
      const { ETag } = await s3.putObject({ Bucket, Key: 'source', Body: content, ...said });
      for (const [bucket, Key] of [
        [Bucket, 'copy'],
        [other, 'source'],
      ] as const) {
        const { CopyObjectResult } = await s3.copyObject({ Bucket: bucket, Key, CopySource: `${Bucket}/source` });
        assert.equal(CopyObjectResult?.ETag, ETag);
        assert.ok(CopyObjectResult?.LastModified);
      }
      await s3.deleteObject({ Bucket, Key: 'source' });
      for (const [bucket, Key] of [
        [Bucket, 'copy'],
        [other, 'source'],
      ] as const) {
        const got = await s3.getObject({ Bucket: bucket, Key });
        assertSameBytes(await bytesOf(got), content, `a copy of ${size} bytes`);
        assert.deepEqual([got.ETag, got.ContentType, got.CacheControl, got.Metadata], [ETag, ...Object.values(said)]);
      }
    }
  },
);

testCase('S52', 'a copy may say other things of the same bytes', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const CopySource = `${Bucket}/source`;
  await s3.putObject({ Bucket, Key: 'source', Body: 'bytes', ContentType: 'text/plain', Metadata: { old: 'yes' } });
  const replaced = { Bucket, Key: 'copy', CopySource, ContentType: 'text/html', Metadata: { new: 'yes' } };
  await s3.copyObject({ ...replaced, MetadataDirective: 'REPLACE' });
  const copy = await s3.headObject({ Bucket, Key: 'copy' });
  assert.deepEqual([copy.ContentType, copy.Metadata], ['text/html', { new: 'yes' }]);
  await s3.copyObject({ ...replaced, MetadataDirective: 'COPY' });
  const same = await s3.headObject({ Bucket, Key: 'copy' });
  assert.deepEqual([same.ContentType, same.Metadata], ['text/plain', { old: 'yes' }]);
});

testCase('S53', 'an object is copied onto itself only to change what is said of it', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const Key = 'itself';
  const CopySource = `${Bucket}/${Key}`;
  await s3.putObject({ Bucket, Key, Body: 'itself', Metadata: { a: '1' } });
  await assertRefused(s3.copyObject({ Bucket, Key, CopySource }), 400, 'InvalidRequest');
  await s3.copyObject({ Bucket, Key, CopySource, MetadataDirective: 'REPLACE', Metadata: { b: '2' } });
  await s3.copyObject({ Bucket, Key, CopySource, StorageClass: 'STANDARD_IA' });
  const got = await s3.getObject({ Bucket, Key });
  assert.equal((await bytesOf(got)).toString(), 'itself');
  assert.deepEqual([got.Metadata, got.StorageClass], [{ b: '2' }, 'STANDARD_IA']);
});

testCase(
  'S54',
  'the source may be any key and any version, and must be there, be readable and hold its conditions',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3, { isVersioned: true });
    for (const key of oddKeys) {
      await s3.putObject({ Bucket, Key: key, Body: key });
      await s3.copyObject({ Bucket, Key: 'copy', CopySource: `${Bucket}/${encodeURIComponent(key)}` });
      assert.equal((await bytesOf(await s3.getObject({ Bucket, Key: 'copy' }))).toString(), key);
    }
    const Key = 'versions';
    const old = await s3.putObject({ Bucket, Key, Body: 'old' });
    const { LastModified } = await s3.headObject({ Bucket, Key });
    await s3.putObject({ Bucket, Key, Body: 'new' });
    const CopySource = `${Bucket}/${Key}`;
    const copy = await s3.copyObject({ Bucket, Key: 'copy', CopySource: `${CopySource}?versionId=${old.VersionId}` });
    assert.equal(copy.CopySourceVersionId, old.VersionId);
    assert.equal((await bytesOf(await s3.getObject({ Bucket, Key: 'copy' }))).toString(), 'old');

    const onto = (more: object) => s3.copyObject({ Bucket, Key: 'refused', CopySource, ...more });
    await assertRefused(onto({ CopySourceIfMatch: old.ETag }), 412, 'PreconditionFailed');
    await assertRefused(
      onto({ CopySourceIfUnmodifiedSince: new Date(Number(LastModified) - 60_000) }),
      412,
      'PreconditionFailed',
    );
    await assertRefused(onto({ CopySourceIfModifiedSince: new Date() }), 412, 'PreconditionFailed');
    await assertRefused(onto({ CopySource: `${Bucket}/absent` }), 404, 'NoSuchKey');
    await assertRefused(onto({ CopySource: `${Bucket}-absent/key` }), 404, 'NoSuchBucket');
    await s3.deleteObject({ Bucket, Key });
    await assertRefused(onto({}), 404, 'NoSuchKey');
    const other = s3Of(ctx, { ...ctx.target, credentials: await otherAccount(ctx) });
    const theirs = await ownBucket(ctx, other, { label: 'theirs' });
    await assertRefused(
      other.copyObject({ Bucket: theirs, Key: 'stolen', CopySource: `${Bucket}/copy` }),
      403,
      'AccessDenied',
    );
    await assertRefused(s3.headObject({ Bucket, Key: 'refused' }), 404, null);
  },
);

testCase(
  'S55',
  'a copy of an object of several parts is whole, and goes on when the source is gone',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    const parts = [contentOf(ctx, 'one', partBytesMin), contentOf(ctx, 'two', 4_321)];
    await putInParts(s3, { Bucket, Key: 'source' }, parts);
    await s3.copyObject({ Bucket, Key: 'copy', CopySource: `${Bucket}/source` });
    await s3.copyObject({ Bucket, Key: 'copy of the copy', CopySource: `${Bucket}/copy` });
    await s3.deleteObject({ Bucket, Key: 'source' });
    await s3.deleteObject({ Bucket, Key: 'copy' });
    assertSameBytes(
      await bytesOf(await s3.getObject({ Bucket, Key: 'copy of the copy' })),
      Buffer.concat(parts),
      'the copy',
    );
  },
);
