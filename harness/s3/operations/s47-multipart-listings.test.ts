/** Uploads and their parts can be looked at while they run: that is how clients resume and operators tidy up. */
import assert from 'node:assert/strict';
import { ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { overS3 } from '../over-s3.ts';

testCase(
  'S47',
  'the parts of an upload are listed page by page, in the order of their numbers',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    const Key = 'listed';
    const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
    const numbers = [1, 2, 3, 50, 9_999];
    const etags = new Map<number, string | undefined>();
    for (const PartNumber of ctx.choices.shuffle(numbers)) {
      const Body = 'x'.repeat((PartNumber % 100) + 1);
      etags.set(PartNumber, (await s3.uploadPart({ Bucket, Key, UploadId, PartNumber, Body })).ETag);
    }
    const seen: [number | undefined, number | undefined, string | undefined][] = [];
    let PartNumberMarker: string | undefined;
    for (;;) {
      const page = await s3.listParts({
        Bucket,
        Key,
        UploadId,
        MaxParts: 2,
        ...(PartNumberMarker && { PartNumberMarker }),
      });
      assert.deepEqual([page.Bucket, page.Key, page.UploadId, page.MaxParts], [Bucket, Key, UploadId, 2]);
      seen.push(
        ...(page.Parts ?? []).map((part): [number | undefined, number | undefined, string | undefined] => [
          part.PartNumber,
          part.Size,
          part.ETag,
        ]),
      );
      if (!page.IsTruncated) break;
      PartNumberMarker = page.NextPartNumberMarker;
    }
    assert.deepEqual(
      seen,
      numbers.map((number) => [number, (number % 100) + 1, etags.get(number)]),
    );
  },
);

testCase(
  'S48',
  'uploads under way are listed page by page, by key, then by age, by prefix and delimiter',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    const begun: string[] = [];
    for (const Key of ['a', 'b/1', 'b/1', 'b/2', 'c', 'd/e/f']) {
      const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
      begun.push(`${Key} ${UploadId}`);
    }
    const seen: string[] = [];
    let markers = {};
    for (;;) {
      const page = await s3.listMultipartUploads({ Bucket, MaxUploads: 2, ...markers });
      seen.push(...(page.Uploads ?? []).map(({ Key, UploadId }) => `${Key} ${UploadId}`));
      if (!page.IsTruncated) break;
      markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
    assert.deepEqual(seen, begun);

    const folders = await s3.listMultipartUploads({ Bucket, Delimiter: '/' });
    assert.deepEqual(
      [folders.Uploads?.map(({ Key }) => Key), folders.CommonPrefixes?.map(({ Prefix }) => Prefix)],
      [
        ['a', 'c'],
        ['b/', 'd/'],
      ],
    );
    const below = await s3.listMultipartUploads({ Bucket, Prefix: 'b/' });
    assert.deepEqual(
      below.Uploads?.map(({ Key }) => Key),
      ['b/1', 'b/1', 'b/2'],
    );
  },
);
