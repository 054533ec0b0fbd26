/** Conditional writes are how clients agree without talking. A failure means that two of them believe to have won. */
import assert from 'node:assert/strict';
import { ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { bytesOf } from '../content.ts';
import { overS3 } from '../over-s3.ts';
import { assertRefused } from '../refused.ts';

testCase(
  'S28',
  'a key is made only where there is none, and swapped only where it is what the client saw',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    const Key = 'register';
    const content = async () => (await bytesOf(await s3.getObject({ Bucket, Key }))).toString();

    await assertRefused(
      s3.putObject({ Bucket, Key, Body: 'no', IfMatch: '"0123456789abcdef0123456789abcdef"' }),
      404,
      'NoSuchKey',
    );
    const first = await s3.putObject({ Bucket, Key, Body: 'first', IfNoneMatch: '*' });
    await assertRefused(s3.putObject({ Bucket, Key, Body: 'second', IfNoneMatch: '*' }), 412, 'PreconditionFailed');
    assert.equal(await content(), 'first');
    const swapped = await s3.putObject({ Bucket, Key, Body: 'swapped', IfMatch: first.ETag });
    await assertRefused(s3.putObject({ Bucket, Key, Body: 'late', IfMatch: first.ETag }), 412, 'PreconditionFailed');
    assert.equal(await content(), 'swapped');
    await assertRefused(s3.deleteObject({ Bucket, Key, IfMatch: first.ETag }), 412, 'PreconditionFailed');
    assert.equal(await content(), 'swapped');
    await s3.deleteObject({ Bucket, Key, IfMatch: swapped.ETag });
    await s3.putObject({ Bucket, Key, Body: 'again', IfNoneMatch: '*' });
    assert.equal(await content(), 'again');
  },
);

testCase('S29', 'in a bucket with versions, a deleted key counts as none', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3, { isVersioned: true });
  const Key = 'register';
  const { ETag } = await s3.putObject({ Bucket, Key, Body: 'first', IfNoneMatch: '*' });
  await assertRefused(s3.putObject({ Bucket, Key, Body: 'second', IfNoneMatch: '*' }), 412, 'PreconditionFailed');
  await s3.deleteObject({ Bucket, Key });
  await assertRefused(s3.putObject({ Bucket, Key, Body: 'second', IfMatch: ETag }), 404, 'NoSuchKey');
  await s3.putObject({ Bucket, Key, Body: 'second', IfNoneMatch: '*' });
  assert.equal((await s3.listObjectVersions({ Bucket })).Versions?.length, 2);
});

testCase('S30', 'the conditions of PUT hold for Complete and for copies too', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const Key = 'target';
  const { ETag } = await s3.putObject({ Bucket, Key, Body: 'there' });
  await s3.putObject({ Bucket, Key: 'source', Body: 'source' });
  const CopySource = `${Bucket}/source`;
  await assertRefused(s3.copyObject({ Bucket, Key, CopySource, IfNoneMatch: '*' }), 412, 'PreconditionFailed');
  await assertRefused(s3.copyObject({ Bucket, Key, CopySource, IfMatch: '"other"' }), 412, 'PreconditionFailed');

  const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
  const part = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 1, Body: 'parts' });
  const complete = { Bucket, Key, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag: part.ETag }] } };
  await assertRefused(s3.completeMultipartUpload({ ...complete, IfNoneMatch: '*' }), 412, 'PreconditionFailed');
  await assertRefused(s3.completeMultipartUpload({ ...complete, IfMatch: '"other"' }), 412, 'PreconditionFailed');
  assert.equal((await bytesOf(await s3.getObject({ Bucket, Key }))).toString(), 'there');
  // A refused Complete leaves the upload as it was.
  await s3.completeMultipartUpload({ ...complete, IfMatch: ETag });
  assert.equal((await bytesOf(await s3.getObject({ Bucket, Key }))).toString(), 'parts');
  const { ETag: now } = await s3.headObject({ Bucket, Key });
  await s3.copyObject({ Bucket, Key, CopySource, IfMatch: now });
  assert.equal((await bytesOf(await s3.getObject({ Bucket, Key }))).toString(), 'source');
});
