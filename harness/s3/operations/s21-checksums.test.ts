/** Checksums that clients send are verified and kept. A failure means damage on the way that nobody notices. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { checksumAlgorithms, checksumOf, compositeChecksumOf } from '../../kit/seed/checksums.ts';
import { ownBucket, plainS3Of, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { contentOf, md5 } from '../content.ts';
import { overS3 } from '../over-s3.ts';
import { assertRefused } from '../refused.ts';
import { KiB, partBytesMin } from '../sizes.ts';

testCase(
  'S21',
  'every algorithm is verified, kept, and told to those who ask, in a header or behind the body',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    for (const ChecksumAlgorithm of checksumAlgorithms) {
      for (const size of [0, 1_000, 40_000]) {
        const content = contentOf(ctx, `${ChecksumAlgorithm}/${size}`, size);
        const field = `Checksum${ChecksumAlgorithm}` as const;
        const expected = checksumOf(ChecksumAlgorithm, content);
        for (const Body of [content, Readable.from([content.subarray(0, 600), content.subarray(600)])]) {
          const what = `${ChecksumAlgorithm} of ${size} bytes ${Body === content ? 'in a header' : 'behind the body'}`;
          const Key = `object ${ChecksumAlgorithm}`;
          const put = await s3.putObject({ Bucket, Key, Body, ContentLength: size, ChecksumAlgorithm });
          assert.equal(put[field], expected, what);
          // At its defaults the SDK asks for it and checks it.
          const got = await s3.getObject({ Bucket, Key });
          await got.Body?.transformToByteArray();
          assert.deepEqual([got[field], got.ChecksumType], [expected, 'FULL_OBJECT'], what);
          const head = await s3.headObject({ Bucket, Key, ChecksumMode: 'ENABLED' });
          assert.equal(head[field], expected, what);
          assert.equal((await s3.headObject({ Bucket, Key }))[field], undefined, 'nobody asked');
        }
      }
    }
  },
);

testCase(
  'S22',
  'a body that is not what its checksum or MD5 says is refused, and what was there stays',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const plain = plainS3Of(ctx);
    const bucket = await ownBucket(ctx, s3);
    const key = 'kept';
    await s3.putObject({ Bucket: bucket, Key: key, Body: 'as it was' });
    for (const size of [500, 300_000]) {
      const body = contentOf(ctx, String(size), size);
      const other = Buffer.from(body);
      other[size - 1] = (other[size - 1] as number) ^ 1;
      const wrong = [
        ...checksumAlgorithms.map((algorithm) => [
          `x-amz-checksum-${algorithm.toLowerCase()}`,
          checksumOf(algorithm, other.subarray(0, 500)),
        ]),
        ['content-md5', md5(other).toString('base64')],
      ] as [string, string][];
      for (const [name, value] of wrong) {
        const answer = await plain.send({ method: 'PUT', bucket, key, headers: { [name]: value }, body });
        const code = /<Code>(\w+)</.exec(answer.body.toString())?.[1];
        assert.deepEqual([answer.status, code], [400, 'BadDigest'], name);
      }
    }
    assert.equal(await (await s3.getObject({ Bucket: bucket, Key: key })).Body?.transformToString(), 'as it was');
  },
);

testCase(
  'S23',
  'an object of several parts has a composite checksum, part by part as they were declared',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    const bodies = [contentOf(ctx, 'one', partBytesMin), contentOf(ctx, 'two', 70 * KiB)];
    for (const ChecksumAlgorithm of ['SHA256', 'SHA1', 'CRC32', 'CRC32C'] as const) {
      const field = `Checksum${ChecksumAlgorithm}` as const;
      const Key = `composite ${ChecksumAlgorithm}`;
      const upload = await s3.createMultipartUpload({ Bucket, Key, ChecksumAlgorithm, ChecksumType: 'COMPOSITE' });
      assert.deepEqual([upload.ChecksumAlgorithm, upload.ChecksumType], [ChecksumAlgorithm, 'COMPOSITE']);
      const { UploadId } = upload;
      const Parts = [];
      for (const [index, Body] of bodies.entries()) {
        const PartNumber = index + 1;
        const part = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber, Body, ChecksumAlgorithm });
        // BigInt arithmetic on five MiB takes seconds; the store's word for the first part is held to below.
        if (index === 1) assert.equal(part[field], checksumOf(ChecksumAlgorithm, Body));
        Parts.push({ PartNumber, ETag: part.ETag, [field]: part[field] });
      }
      const done = await s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
      const expected = compositeOf(
        ChecksumAlgorithm,
        Parts.map((part) => String(part[field])),
      );
      assert.deepEqual([done[field], done.ChecksumType], [expected, 'COMPOSITE'], ChecksumAlgorithm);
      const head = await s3.headObject({ Bucket, Key, ChecksumMode: 'ENABLED' });
      assert.deepEqual([head[field], head.ChecksumType], [expected, 'COMPOSITE']);
      if (ChecksumAlgorithm.startsWith('SHA')) assert.equal(expected, compositeChecksumOf(ChecksumAlgorithm, bodies));
    }
  },
);

testCase(
  'S24',
  'an object of several parts can have the checksum of the whole, whatever it was cut into',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    // The whole is put once in one piece, and the store verifies that checksum while it reads.
    const parts = [contentOf(ctx, 'one', partBytesMin), contentOf(ctx, 'two', 3 * KiB + 1)];
    for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME'] as const) {
      const field = `Checksum${ChecksumAlgorithm}` as const;
      const [Key, Whole] = [`parts ${ChecksumAlgorithm}`, `whole ${ChecksumAlgorithm}`];
      const whole = await s3.putObject({ Bucket, Key: Whole, Body: Buffer.concat(parts), ChecksumAlgorithm });
      const { UploadId } = await s3.createMultipartUpload({
        Bucket,
        Key,
        ChecksumAlgorithm,
        ChecksumType: 'FULL_OBJECT',
      });
      const Parts = [];
      for (const [index, Body] of parts.entries()) {
        const PartNumber = index + 1;
        const { ETag } = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber, Body, ChecksumAlgorithm });
        Parts.push({ PartNumber, ETag });
      }
      const complete = { Bucket, Key, UploadId, MultipartUpload: { Parts }, ChecksumType: 'FULL_OBJECT' } as const;
      const wrong = s3.completeMultipartUpload({
        ...complete,
        [field]: checksumOf(ChecksumAlgorithm, Buffer.from('else')),
      });
      await assertRefused(wrong, 400, 'BadDigest');
      const done = await s3.completeMultipartUpload({ ...complete, [field]: whole[field] });
      assert.deepEqual([done[field], done.ChecksumType], [whole[field], 'FULL_OBJECT'], ChecksumAlgorithm);
      const head = await s3.headObject({ Bucket, Key, ChecksumMode: 'ENABLED' });
      assert.deepEqual([head[field], head.ChecksumType], [whole[field], 'FULL_OBJECT']);
    }
  },
);

testCase(
  'S25',
  'an algorithm and a type that do not go together are refused when an upload begins',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    for (const [ChecksumAlgorithm, ChecksumType] of [
      ['SHA1', 'FULL_OBJECT'],
      ['SHA256', 'FULL_OBJECT'],
      ['CRC64NVME', 'COMPOSITE'],
    ] as const) {
      const attempt = s3.createMultipartUpload({ Bucket, Key: 'x', ChecksumAlgorithm, ChecksumType });
      await assertRefused(attempt, 400, 'InvalidRequest');
    }
    assert.deepEqual((await s3.listMultipartUploads({ Bucket })).Uploads ?? [], []);
  },
);

function compositeOf(algorithm: (typeof checksumAlgorithms)[number], parts: readonly string[]): string {
  const together = Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')));
  return `${checksumOf(algorithm, together)}-${parts.length}`;
}
