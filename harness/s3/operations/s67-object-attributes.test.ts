/** Attributes tell how an object is made up, so that a client can verify it part by part. */
import assert from 'node:assert/strict';
import { checksumOf } from '../../kit/seed/checksums.ts';
import { ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { contentOf, etagOf, multipartEtagOf } from '../content.ts';
import { overS3 } from '../over-s3.ts';
import { assertRefused } from '../refused.ts';
import { partBytesMin } from '../sizes.ts';

const everything = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'] as const;

testCase('S67', 'the attributes that are asked for are told, and no others', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const content = contentOf(ctx, 'plain', 3_000);
  await s3.putObject({ Bucket, Key: 'plain', Body: content, ChecksumAlgorithm: 'SHA256' });
  const all = await s3.getObjectAttributes({ Bucket, Key: 'plain', ObjectAttributes: [...everything] });
  // Only here the ETag stands without quotes.
  assert.deepEqual(
    [all.ETag, all.ObjectSize, all.StorageClass],
    [etagOf(content).replaceAll('"', ''), 3_000, 'STANDARD'],
  );
  assert.deepEqual([all.Checksum?.ChecksumSHA256, all.ObjectParts], [checksumOf('SHA256', content), undefined]);
  assert.ok(all.LastModified);
  const one = await s3.getObjectAttributes({ Bucket, Key: 'plain', ObjectAttributes: ['ObjectSize'] });
  assert.deepEqual(
    [one.ObjectSize, one.ETag, one.Checksum, one.StorageClass],
    [3_000, undefined, undefined, undefined],
  );
  await assertRefused(s3.getObjectAttributes({ Bucket, Key: 'absent', ObjectAttributes: ['ETag'] }), 404, 'NoSuchKey');
  await assertRefused(
    s3.getObjectAttributes({ Bucket, Key: 'plain', ObjectAttributes: ['Colour' as 'ETag'] }),
    400,
    'InvalidArgument',
  );
});

testCase('S68', 'the parts of an object are told page by page, with their checksums', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const Key = 'parts';
  const parts = [contentOf(ctx, 'one', partBytesMin), contentOf(ctx, 'two', partBytesMin), contentOf(ctx, 'three', 77)];
  const { UploadId } = await s3.createMultipartUpload({ Bucket, Key, ChecksumAlgorithm: 'SHA256' });
  const Parts = [];
  for (const [index, Body] of parts.entries()) {
    const PartNumber = index + 1;
    const sent = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber, Body, ChecksumAlgorithm: 'SHA256' });
    Parts.push({ PartNumber, ETag: sent.ETag, ChecksumSHA256: sent.ChecksumSHA256 });
  }
  await s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
  const first = await s3.getObjectAttributes({ Bucket, Key, ObjectAttributes: [...everything], MaxParts: 2 });
  assert.equal(first.ETag, multipartEtagOf(parts).replaceAll('"', ''));
  const { ObjectParts } = first;
  assert.deepEqual([ObjectParts?.TotalPartsCount, ObjectParts?.IsTruncated, ObjectParts?.MaxParts], [3, true, 2]);
  const rest = await s3.getObjectAttributes({
    Bucket,
    Key,
    ObjectAttributes: ['ObjectParts'],
    PartNumberMarker: ObjectParts?.NextPartNumberMarker,
  });
  const told = [...(ObjectParts?.Parts ?? []), ...(rest.ObjectParts?.Parts ?? [])];
  assert.deepEqual(
    told.map(({ PartNumber, Size, ChecksumSHA256 }) => [PartNumber, Size, ChecksumSHA256]),
    parts.map((part, index) => [index + 1, part.length, checksumOf('SHA256', part)]),
  );
});
