/** Large objects come in parts, in any order, from several machines. A failure means terabytes that must be sent again. */
import assert from 'node:assert/strict';
import { ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { assertSameBytes, bytesOf, contentOf, multipartEtagOf } from '../content.ts';
import { overS3 } from '../over-s3.ts';
import { assertRefused } from '../refused.ts';
import { partBytesMin } from '../sizes.ts';

testCase(
  'S40',
  'parts sent in any order, with gaps in their numbers, make one object in the order of their numbers',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    const Key = 'in/parts';
    const said = {
      ContentType: 'video/mp4',
      Metadata: { by: 'parts' },
      CacheControl: 'no-cache',
      StorageClass: 'STANDARD_IA',
    } as const;
    const { UploadId } = await s3.createMultipartUpload({ Bucket, Key, ...said });
    const bodies = new Map(
      [2, 7, 10_000].map((n) => [n, contentOf(ctx, `part ${n}`, n === 10_000 ? 1 : partBytesMin + n)]),
    );
    await assertRefused(s3.getObject({ Bucket, Key }), 404, 'NoSuchKey');
    const etags = new Map<number, string | undefined>();
    await Promise.all(
      ctx.choices.shuffle([...bodies]).map(async ([PartNumber, Body]) => {
        etags.set(PartNumber, (await s3.uploadPart({ Bucket, Key, UploadId, PartNumber, Body })).ETag);
      }),
    );
    const Parts = [...bodies.keys()].map((PartNumber) => ({ PartNumber, ETag: etags.get(PartNumber) }));

    const done = await s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts } });

    const parts = [...bodies.values()];
    assert.deepEqual([done.Bucket, done.Key, done.ETag], [Bucket, Key, multipartEtagOf(parts)]);
    assert.ok(done.Location?.endsWith(`/${Bucket}/${Key}`), `Location ${done.Location}`);
    const got = await s3.getObject({ Bucket, Key });
    assertSameBytes(await bytesOf(got), Buffer.concat(parts), 'the whole');
    assert.equal(got.ETag, multipartEtagOf(parts));
    for (const [name, value] of Object.entries(said)) assert.deepEqual(got[name as keyof typeof said], value, name);
    assert.deepEqual((await s3.listMultipartUploads({ Bucket })).Uploads ?? [], []);
    await assertRefused(s3.listParts({ Bucket, Key, UploadId }), 404, 'NoSuchUpload');
  },
);

testCase('S41', 'a part of a finished object can be read by its number', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const Key = 'numbered';
  const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
  const parts = [contentOf(ctx, 'one', partBytesMin), contentOf(ctx, 'two', 1_000)];
  const Parts = [];
  for (const [index, Body] of parts.entries()) {
    const PartNumber = index + 1;
    Parts.push({ PartNumber, ETag: (await s3.uploadPart({ Bucket, Key, UploadId, PartNumber, Body })).ETag });
  }
  await s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
  for (const [index, part] of parts.entries()) {
    const got = await s3.getObject({ Bucket, Key, PartNumber: index + 1 });
    assertSameBytes(await bytesOf(got), part, `part ${index + 1}`);
    assert.deepEqual([got.$metadata.httpStatusCode, got.PartsCount], [206, 2]);
  }
  await assertRefused(s3.getObject({ Bucket, Key, PartNumber: 3 }), 416, 'InvalidPartNumber');
  await assertRefused(s3.getObject({ Bucket, Key, PartNumber: 1, Range: 'bytes=0-1' }), 400, 'InvalidRequest');
  await s3.putObject({ Bucket, Key: 'plain', Body: 'plain' });
  const plain = await s3.getObject({ Bucket, Key: 'plain', PartNumber: 1 });
  assert.equal((await bytesOf(plain)).toString(), 'plain', 'a plain object is its own first part');
});

testCase(
  'S42',
  'a list of parts that is not the upload is refused, and the upload can still be completed',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    const Key = 'refused';
    const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
    const parts = [contentOf(ctx, 'one', partBytesMin), contentOf(ctx, 'two', 2_000), contentOf(ctx, 'three', 10)];
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (const [index, Body] of parts.entries()) {
      const PartNumber = index + 1;
      Parts.push({ PartNumber, ETag: (await s3.uploadPart({ Bucket, Key, UploadId, PartNumber, Body })).ETag });
    }
    const [one, two, three] = Parts as [(typeof Parts)[0], (typeof Parts)[0], (typeof Parts)[0]];
    const complete = (list: typeof Parts) =>
      s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts: list } });

    await assertRefused(complete([two, one]), 400, 'InvalidPartOrder');
    await assertRefused(complete([one, one]), 400, 'InvalidPartOrder');
    await assertRefused(complete([one, { ...two, ETag: one.ETag }]), 400, 'InvalidPart');
    await assertRefused(complete([one, { PartNumber: 9, ETag: two.ETag }]), 400, 'InvalidPart');
    await assertRefused(complete([one, two, three]), 400, 'EntityTooSmall');
    await assertRefused(complete([]), 400, 'MalformedXML');
    await assertRefused(s3.getObject({ Bucket, Key }), 404, 'NoSuchKey');
    // Parts that are not named are left out.
    await complete([one, three]);
    const whole = Buffer.concat([parts[0] as Buffer, parts[2] as Buffer]);
    assertSameBytes(await bytesOf(await s3.getObject({ Bucket, Key })), whole, 'the first and the third part');
  },
);

testCase('S43', 'a part that is sent again replaces the one before', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const Key = 'replaced';
  const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
  const first = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 1, Body: contentOf(ctx, 'old', 100_000) });
  const Body = contentOf(ctx, 'new', 50_000);
  const second = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 1, Body });
  const listed = await s3.listParts({ Bucket, Key, UploadId });
  assert.deepEqual(
    listed.Parts?.map(({ PartNumber, Size, ETag }) => [PartNumber, Size, ETag]),
    [[1, 50_000, second.ETag]],
  );
  const complete = (ETag: string | undefined) =>
    s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } });
  await assertRefused(complete(first.ETag), 400, 'InvalidPart');
  await complete(second.ETag);
  assertSameBytes(await bytesOf(await s3.getObject({ Bucket, Key })), Body, 'the second part');
});

testCase('S44', 'an aborted upload leaves no listed parts, and cannot be gone on with', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const Key = 'aborted';
  const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
  const { ETag } = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 1, Body: contentOf(ctx, 'part', 100_000) });

  assert.equal((await s3.abortMultipartUpload({ Bucket, Key, UploadId })).$metadata.httpStatusCode, 204);

  assert.deepEqual((await s3.listMultipartUploads({ Bucket })).Uploads ?? [], []);
  const attempts = [
    () => s3.listParts({ Bucket, Key, UploadId }),
    () => s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 2, Body: 'late' }),
    () => s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }),
    () => s3.abortMultipartUpload({ Bucket, Key, UploadId }),
  ];
  for (const attempt of attempts) await assertRefused(attempt(), 404, 'NoSuchUpload');
});

testCase('S45', 'a Complete that is sent again, because its answer was lost, answers the same', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3, { isVersioned: true });
  const Key = 'twice';
  const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
  const { ETag } = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 1, Body: 'once' });
  const complete = () =>
    s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } });
  const first = await complete();
  const second = await complete();
  assert.deepEqual([second.ETag, second.VersionId], [first.ETag, first.VersionId]);
  assert.equal((await s3.listObjectVersions({ Bucket })).Versions?.length, 1);
});

testCase('S46', 'parts and uploads that cannot be are refused', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const Key = 'key';
  const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
  for (const PartNumber of [0, 10_001, -1]) {
    await assertRefused(s3.uploadPart({ Bucket, Key, UploadId, PartNumber, Body: 'x' }), 400, 'InvalidArgument');
  }
  for (const [key, upload] of [
    [Key, 'no-such-upload'],
    ['another key', UploadId],
  ] as const) {
    await assertRefused(
      s3.uploadPart({ Bucket, Key: key, UploadId: upload, PartNumber: 1, Body: 'x' }),
      404,
      'NoSuchUpload',
    );
    await assertRefused(s3.abortMultipartUpload({ Bucket, Key: key, UploadId: upload }), 404, 'NoSuchUpload');
  }
  assert.equal((await s3.listMultipartUploads({ Bucket })).Uploads?.length, 1);
});
