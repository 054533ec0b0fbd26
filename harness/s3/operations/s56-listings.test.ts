/** Listings are how every tool finds its way. A failure means files that are there and never seen, or seen twice. */
import assert from 'node:assert/strict';
import type { S3 } from '@aws-sdk/client-s3';
import { ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { expectedListing } from '../expected-listing.ts';
import { byBytes } from '../odd-keys.ts';
import { overS3 } from '../over-s3.ts';
import { assertRefused } from '../refused.ts';

testCase(
  'S56',
  'a list tells of each object its key, size, ETag, date, class, and the owner when asked',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    const { ETag } = await s3.putObject({ Bucket, Key: 'one', Body: 'one' });
    const v2 = await s3.listObjectsV2({ Bucket });
    assert.deepEqual([v2.Name, v2.KeyCount, v2.MaxKeys, v2.IsTruncated, v2.Prefix ?? ''], [Bucket, 1, 1000, false, '']);
    const [first] = v2.Contents ?? [];
    assert.deepEqual(
      [first?.Key, first?.Size, first?.ETag, first?.StorageClass, first?.Owner],
      ['one', 3, ETag, 'STANDARD', undefined],
    );
    assert.ok(first?.LastModified);
    const withOwner = await s3.listObjectsV2({ Bucket, FetchOwner: true });
    const v1 = await s3.listObjects({ Bucket });
    assert.ok(withOwner.Contents?.[0]?.Owner?.ID);
    assert.deepEqual(v1.Contents?.[0]?.Owner, withOwner.Contents?.[0]?.Owner, 'the first version tells it always');
    const empty = await s3.listObjectsV2({ Bucket, Prefix: 'no such' });
    assert.deepEqual([empty.KeyCount, empty.Contents, empty.IsTruncated], [0, undefined, false]);
  },
);

testCase('S57', 'pages of any size hold every key once, in the order of its bytes', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const keys = Array.from({ length: 23 }, (_, n) => `${ctx.choices.pick(['a', 'b/', 'Z', 'é', '🙂'])}${n}`).sort(
    byBytes,
  );
  await Promise.all(keys.map((Key) => s3.putObject({ Bucket, Key, Body: '' })));
  for (const MaxKeys of [1, 7, 22, 23, 1000]) {
    assert.deepEqual((await pagesOfV2(s3, { Bucket, MaxKeys })).flat(), keys, `version 2, ${MaxKeys} a page`);
    assert.deepEqual((await pagesOfV1(s3, { Bucket, MaxKeys })).flat(), keys, `version 1, ${MaxKeys} a page`);
  }
});

testCase(
  'S58',
  'any prefix, delimiter, marker and page size lists just what the definition says',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    const letters = ['a', 'b', '/', '/', '//', 'é', '-', 'ab'];
    const word = () => Array.from({ length: ctx.choices.int(1, 6) }, () => ctx.choices.pick(letters)).join('');
    const keys = [...new Set(Array.from({ length: 60 }, word))].sort(byBytes);
    await Promise.all(keys.map((Key) => s3.putObject({ Bucket, Key, Body: '' })));

    for (let n = 0; n < 60; n++) {
      const Prefix = ctx.choices.chance(50) ? '' : word().slice(0, ctx.choices.int(1, 3));
      const Delimiter = ctx.choices.pick(['', '/', '/', '//', 'a', 'ab', 'é', '-a']);
      const after = ctx.choices.chance(60) ? '' : word();
      // Whether a group that the marker itself lies in is listed again, AWS does not say.
      const isInGroup = Delimiter !== '' && after.startsWith(Prefix) && after.includes(Delimiter, Prefix.length);
      const asked = { Prefix, Delimiter, StartAfter: isInGroup ? '' : after };
      const MaxKeys = ctx.choices.int(1, 9);
      const expected = expectedListing(keys, asked);
      const what = JSON.stringify({ ...asked, MaxKeys });
      const pages = await pagesOfV2(s3, { Bucket, MaxKeys, ...given(asked) });
      assert.deepEqual(pages.flat(), expected, `version 2: ${what}`);
      assert.ok(
        pages.slice(0, -1).every((page) => page.length === MaxKeys),
        `only the last page is not full: ${what}`,
      );
      const { StartAfter, ...rest } = asked;
      const v1 = await pagesOfV1(s3, { Bucket, MaxKeys, ...given({ ...rest, Marker: StartAfter }) });
      assert.deepEqual(v1.flat(), expected, `version 1: ${what}`);
    }
  },
);

testCase('S59', 'version 1 tells where the next page begins only when there is a delimiter', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  for (const Key of ['a', 'b/1', 'b/2', 'c']) await s3.putObject({ Bucket, Key, Body: '' });
  const without = await s3.listObjects({ Bucket, MaxKeys: 2 });
  assert.deepEqual([without.IsTruncated, without.NextMarker], [true, undefined]);
  const withOne = await s3.listObjects({ Bucket, MaxKeys: 2, Delimiter: '/' });
  assert.deepEqual([withOne.IsTruncated, withOne.NextMarker], [true, 'b/']);
});

testCase('S60', 'arguments that cannot be are refused, and a page of nothing is empty', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  await s3.putObject({ Bucket, Key: 'a', Body: '' });
  await assertRefused(s3.listObjectsV2({ Bucket, MaxKeys: -1 }), 400, 'InvalidArgument');
  await assertRefused(s3.listObjects({ Bucket, MaxKeys: -1 }), 400, 'InvalidArgument');
  await assertRefused(s3.listObjectsV2({ Bucket, ContinuationToken: 'invented' }), 400, 'InvalidArgument');
  await assertRefused(s3.listObjectsV2({ Bucket, EncodingType: 'base64' as 'url' }), 400, 'InvalidArgument');
  for (const page of [await s3.listObjectsV2({ Bucket, MaxKeys: 0 }), await s3.listObjects({ Bucket, MaxKeys: 0 })]) {
    assert.deepEqual([page.Contents, page.IsTruncated, page.MaxKeys], [undefined, false, 0]);
  }
  const over = await s3.listObjectsV2({ Bucket, MaxKeys: 5_000 });
  assert.equal(over.MaxKeys, 1_000);
});

interface Asked {
  readonly Bucket: string;
  readonly MaxKeys: number;
  readonly Prefix?: string;
  readonly Delimiter?: string;
}

/** Keys and common prefixes of each page, in order. */
async function pagesOfV2(s3: S3, asked: Asked & { readonly StartAfter?: string }): Promise<string[][]> {
  const pages: string[][] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.listObjectsV2({ ...asked, ...(ContinuationToken && { ContinuationToken }) });
    const entries = entriesOf(page);
    assert.equal(page.KeyCount, entries.length);
    pages.push(entries);
    ContinuationToken = page.NextContinuationToken;
    assert.equal(page.IsTruncated, ContinuationToken !== undefined);
  } while (ContinuationToken !== undefined);
  return pages;
}

async function pagesOfV1(s3: S3, asked: Asked & { readonly Marker?: string }): Promise<string[][]> {
  const pages: string[][] = [];
  let Marker = asked.Marker;
  for (;;) {
    const page = await s3.listObjects({ ...asked, ...(Marker && { Marker }) });
    const entries = entriesOf(page);
    pages.push(entries);
    if (!page.IsTruncated) return pages;
    Marker = page.NextMarker ?? entries.at(-1);
  }
}

interface Page {
  readonly Contents?: { readonly Key?: string | undefined }[] | undefined;
  readonly CommonPrefixes?: { readonly Prefix?: string | undefined }[] | undefined;
}

function entriesOf({ Contents = [], CommonPrefixes = [] }: Page): string[] {
  const entries = [...Contents.map(({ Key = '' }) => Key), ...CommonPrefixes.map(({ Prefix = '' }) => Prefix)];
  return entries.sort(byBytes);
}

function given(asked: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ''));
}
