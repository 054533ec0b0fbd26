/** A part can be made of what the store has already. A failure means large copies with holes or foreign bytes. */
import assert from 'node:assert/strict';
import { ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { assertSameBytes, bytesOf, contentOf } from '../content.ts';
import { overS3 } from '../over-s3.ts';
import { putInParts } from '../put-in-parts.ts';
import { assertRefused } from '../refused.ts';
import { MiB, partBytesMin } from '../sizes.ts';

testCase(
  'S49',
  'an upload can be put together from whole objects, ranges of them, and bytes that are sent',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    const plain = contentOf(ctx, 'plain', 6 * MiB);
    const parts = [contentOf(ctx, 'one', partBytesMin), contentOf(ctx, 'two', 3 * MiB)];
    await s3.putObject({ Bucket, Key: 'plain source', Body: plain });
    await putInParts(s3, { Bucket, Key: 'source of parts' }, parts);
    const Key = 'put together';
    const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
    const from = (key: string) => `${Bucket}/${encodeURIComponent(key)}`;
    const upload = { Bucket, Key, UploadId };

    const copied = [
      await s3.uploadPartCopy({ ...upload, PartNumber: 1, CopySource: from('plain source') }),
      await s3.uploadPartCopy({ ...upload, PartNumber: 2, CopySource: from('source of parts') }),
      // Across the border of its two parts.
      await s3.uploadPartCopy({
        ...upload,
        PartNumber: 3,
        CopySource: from('source of parts'),
        CopySourceRange: 'bytes=100-6291555',
      }),
    ];
    const sent = await s3.uploadPart({ ...upload, PartNumber: 4, Body: 'the end' });
    const etags = [...copied.map(({ CopyPartResult }) => CopyPartResult?.ETag), sent.ETag];
    const Parts = etags.map((ETag, index) => ({ PartNumber: index + 1, ETag }));
    await s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
    await s3.deleteObject({ Bucket, Key: 'plain source' });
    await s3.deleteObject({ Bucket, Key: 'source of parts' });

    const inParts = Buffer.concat(parts);
    const whole = Buffer.concat([plain, inParts, inParts.subarray(100, 6_291_556), Buffer.from('the end')]);
    assertSameBytes(await bytesOf(await s3.getObject({ Bucket, Key })), whole, 'the whole');
  },
);

testCase('S50', 'a part of a source, a range or a condition that does not hold is refused', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const { ETag } = await s3.putObject({ Bucket, Key: 'source', Body: contentOf(ctx, 'source', 1_000) });
  const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: 'target' });
  const copy = (more: {
    CopySource?: string;
    CopySourceRange?: string;
    CopySourceIfMatch?: string;
    CopySourceIfNoneMatch?: string | undefined;
  }) => s3.uploadPartCopy({ Bucket, Key: 'target', UploadId, PartNumber: 1, CopySource: `${Bucket}/source`, ...more });
  await assertRefused(copy({ CopySource: `${Bucket}/absent` }), 404, 'NoSuchKey');
  await assertRefused(copy({ CopySource: `${Bucket}-absent/source` }), 404, 'NoSuchBucket');
  for (const CopySourceRange of [
    'bytes=0-1000',
    'bytes=2000-2001',
    'bytes=5-',
    'bytes=-5',
    'bytes=9-5',
    '0-5',
    'bytes=0-1,4-5',
  ]) {
    const error = await copy({ CopySourceRange }).then(
      () => undefined,
      (reason) => reason,
    );
    assert.ok(error !== undefined, `${CopySourceRange} was copied`);
    assert.ok([400, 416].includes(error.$metadata?.httpStatusCode), `${CopySourceRange}: ${error}`);
    assert.ok(
      ['InvalidArgument', 'InvalidRange', 'InvalidRequest'].includes(error.name),
      `${CopySourceRange}: ${error}`,
    );
  }
  await assertRefused(copy({ CopySourceIfMatch: '"other"' }), 412, 'PreconditionFailed');
  await assertRefused(copy({ CopySourceIfNoneMatch: ETag }), 412, 'PreconditionFailed');
  assert.deepEqual((await s3.listParts({ Bucket, Key: 'target', UploadId })).Parts ?? [], []);
});
