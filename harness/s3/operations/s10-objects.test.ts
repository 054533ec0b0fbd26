/** What is put under a key comes back, whatever its size and name. A failure is the worst there is: lost or wrong bytes. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { assertSameBytes, bytesOf, contentOf, etagOf } from '../content.ts';
import { byBytes, oddKeys } from '../odd-keys.ts';
import { overS3 } from '../over-s3.ts';
import { assertRefused } from '../refused.ts';
import { KiB, MiB } from '../sizes.ts';

testCase('S10', 'an object of any size comes back byte for byte, with its size, MD5 and date', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  // Around what is kept in a row, a stripe, a message; and anywhere.
  const sizes = [
    0,
    1,
    16 * KiB - 1,
    16 * KiB,
    16 * KiB + 1,
    MiB,
    6 * MiB + 1,
    ctx.choices.int(2, 200_000),
    20 * MiB + 7,
  ];
  for (const size of sizes) {
    const content = contentOf(ctx, String(size), size);
    const put = await s3.putObject({ Bucket, Key: `size-${size}`, Body: content });
    const got = await s3.getObject({ Bucket, Key: `size-${size}` });
    const head = await s3.headObject({ Bucket, Key: `size-${size}` });

    assertSameBytes(await bytesOf(got), content, `${size} bytes`);
    for (const { ETag, ContentLength, LastModified, AcceptRanges } of [got, head]) {
      assert.deepEqual([ETag, ContentLength, AcceptRanges], [put.ETag, size, 'bytes']);
      const ageMs = Date.now() - (LastModified?.getTime() ?? 0);
      assert.ok(ageMs > -10_000 && ageMs < 30_000, `last modified ${LastModified}`);
    }
    assert.equal(put.ETag, etagOf(content));
    assert.equal(put.VersionId, undefined, 'a bucket without versions tells none');
  }
});

testCase('S11', 'an object of a length that is declared only in its framing comes back whole', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const content = contentOf(ctx, 'stream', 3 * MiB + 11);
  const pieces = Readable.from([content.subarray(0, 1), content.subarray(1, 70_000), content.subarray(70_000)]);
  await s3.putObject({ Bucket, Key: 'stream', Body: pieces, ContentLength: content.length });
  assertSameBytes(await bytesOf(await s3.getObject({ Bucket, Key: 'stream' })), content, 'a stream');
});

testCase('S12', 'a key may be any UTF-8 of up to 1,024 bytes, and is listed as it was given', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  for (const Key of oddKeys) {
    await s3.putObject({ Bucket, Key, Body: Key });
    assert.equal((await bytesOf(await s3.getObject({ Bucket, Key }))).toString(), Key);
  }
  const { Contents = [] } = await s3.listObjectsV2({ Bucket, EncodingType: 'url' });
  // In a URL-encoded list a blank is a plus.
  const listed = Contents.map(({ Key = '' }) => decodeURIComponent(Key.replaceAll('+', ' ')));
  assert.deepEqual(listed, oddKeys.toSorted(byBytes));
  for (const Key of oddKeys) await s3.deleteObject({ Bucket, Key });
  assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
  await assertRefused(s3.putObject({ Bucket, Key: 'k'.repeat(1025), Body: '' }), 400, 'KeyTooLongError');
  await assertRefused(s3.putObject({ Bucket, Key: 'ä'.repeat(513), Body: '' }), 400, 'KeyTooLongError');
});

testCase('S13', 'an object that is put again is the new one, wholly', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const Key = 'again';
  for (const [round, size] of [100_000, 10, 0, 300_000, 17 * KiB].entries()) {
    const content = contentOf(ctx, String(round), size);
    const Metadata = { [`round-${round}`]: 'yes' };
    await s3.putObject({ Bucket, Key, Body: content, Metadata, ContentType: `text/x-${round}` });
    const got = await s3.getObject({ Bucket, Key });
    assertSameBytes(await bytesOf(got), content, `round ${round}`);
    assert.deepEqual([got.ETag, got.ContentType, got.Metadata], [etagOf(content), `text/x-${round}`, Metadata]);
  }
  const { Contents = [] } = await s3.listObjectsV2({ Bucket });
  assert.deepEqual(
    Contents.map(({ Key, Size }) => [Key, Size]),
    [[Key, 17 * KiB]],
  );
});

testCase('S14', 'a deleted object is gone, and deleting what is not there is a success', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  for (const [Key, size] of [
    ['small', 5],
    ['large', 200_000],
  ] as const) {
    // Twice, because what was overwritten must not come back either.
    await s3.putObject({ Bucket, Key, Body: contentOf(ctx, `${Key} before`, size) });
    await s3.putObject({ Bucket, Key, Body: contentOf(ctx, Key, size) });
    const { $metadata, DeleteMarker, VersionId } = await s3.deleteObject({ Bucket, Key });
    assert.deepEqual([$metadata.httpStatusCode, DeleteMarker, VersionId], [204, undefined, undefined]);
    await assertRefused(s3.getObject({ Bucket, Key }), 404, 'NoSuchKey');
    await assertRefused(s3.headObject({ Bucket, Key }), 404, null);
    assert.equal((await s3.deleteObject({ Bucket, Key })).$metadata.httpStatusCode, 204);
  }
});
