/** Buckets are made, found, listed and deleted by the rules that clients know. A failure means that setting up a store fails. */
import assert from 'node:assert/strict';
import { bucketName, ownBucket, removeBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { overS3 } from '../over-s3.ts';
import { assertRefused } from '../refused.ts';

testCase(
  'S1',
  'a new bucket is found, is listed with its date, and lies in the region of the store',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const sinceMs = Date.now();
    const Bucket = await ownBucket(ctx, s3);

    const head = await s3.headBucket({ Bucket });
    assert.equal(head.BucketRegion, 'us-east-1');
    // The first region of AWS is told by telling none.
    assert.equal((await s3.getBucketLocation({ Bucket })).LocationConstraint, undefined);
    const { Buckets = [], Owner } = await s3.listBuckets();
    const listed = Buckets.find(({ Name }) => Name === Bucket);
    const createdMs = listed?.CreationDate?.getTime() ?? 0;
    assert.ok(
      createdMs > sinceMs - 10_000 && createdMs < Date.now() + 10_000,
      `it was made at ${listed?.CreationDate}`,
    );
    assert.ok(Owner?.ID, 'the owner has an id');
  },
);

testCase('S2', 'making a bucket again is a success for its owner, and changes nothing in it', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  await s3.putObject({ Bucket, Key: 'kept', Body: 'kept' });
  await s3.createBucket({ Bucket });
  assert.equal((await s3.headObject({ Bucket, Key: 'kept' })).ContentLength, 4);
});

const badNames = [
  'ab',
  'a'.repeat(64),
  'Upper-case',
  'under_score',
  '-begins-with-a-dash',
  'ends-with-a-dash-',
  '.begins-with-a-dot',
  'two..dots',
  '192.168.5.4',
  'xn--punycode',
  'alias-s3alias',
  'with space',
  'ümlaut',
];
const goodNames = ['abc', 'a.b-c.d', '123', 'a'.repeat(63), '192.168.5.4.5'];

testCase('S3', 'bucket names are held to the rules of AWS', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  for (const Bucket of badNames) await assertRefused(s3.createBucket({ Bucket }), 400, 'InvalidBucketName');
  for (const Bucket of goodNames) {
    await s3.createBucket({ Bucket });
    ctx.defer(() => removeBucket(s3, Bucket));
    await s3.headBucket({ Bucket });
  }
});

testCase(
  'S4',
  'a bucket that holds something stays, and one that is deleted is gone for every operation',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    const Key = 'in-the-way';
    await s3.putObject({ Bucket, Key, Body: 'x' });
    await assertRefused(s3.deleteBucket({ Bucket }), 409, 'BucketNotEmpty');
    await s3.deleteObject({ Bucket, Key });

    await s3.deleteBucket({ Bucket });

    await assertRefused(s3.headBucket({ Bucket }), 404, null);
    const attempts = [
      () => s3.deleteBucket({ Bucket }),
      () => s3.getBucketLocation({ Bucket }),
      () => s3.getBucketVersioning({ Bucket }),
      () => s3.listObjects({ Bucket }),
      () => s3.listObjectsV2({ Bucket }),
      () => s3.listObjectVersions({ Bucket }),
      () => s3.listMultipartUploads({ Bucket }),
      () => s3.putObject({ Bucket, Key, Body: 'x' }),
      () => s3.getObject({ Bucket, Key }),
      () => s3.deleteObject({ Bucket, Key }),
      () => s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key }] } }),
      () => s3.createMultipartUpload({ Bucket, Key }),
      () => s3.copyObject({ Bucket, Key, CopySource: `${Bucket}/${Key}` }),
    ];
    for (const attempt of attempts) await assertRefused(attempt(), 404, 'NoSuchBucket');
  },
);

testCase('S5', 'the list of buckets is given in pages, by name, and by prefix', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const labels = ['one', 'three', 'two'];
  for (const label of labels) await ownBucket(ctx, s3, { label });
  const Prefix = bucketName(ctx).split('-a-')[0] ?? '';

  const seen: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.listBuckets({ Prefix, MaxBuckets: 2, ...(ContinuationToken && { ContinuationToken }) });
    assert.ok((page.Buckets?.length ?? 0) <= 2);
    seen.push(...(page.Buckets ?? []).map(({ Name }) => Name));
    ContinuationToken = page.ContinuationToken;
  } while (ContinuationToken !== undefined);

  assert.deepEqual(
    seen,
    labels.map((label) => bucketName(ctx, label)),
  );
});

testCase('S6', 'a bucket for another region is refused', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = bucketName(ctx);
  const attempt = s3.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } });
  await assertRefused(attempt, 400, 'IllegalLocationConstraintException');
  await assertRefused(s3.headBucket({ Bucket }), 404, null);
});
