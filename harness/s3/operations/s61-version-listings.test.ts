/** The list of versions is the way back to what was overwritten; a page too few, and some of it cannot be found. */
import assert from 'node:assert/strict';
import { ownBucket, plainS3Of, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { overS3 } from '../over-s3.ts';
import { historyOf } from '../version-history.ts';

testCase(
  'S61',
  'pages of versions hold each version and marker once, also where a page ends within a key',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const plain = plainS3Of(ctx);
    const Bucket = await ownBucket(ctx, s3, { isVersioned: true });
    const expected: string[] = [];
    for (const Key of ['a', 'b/1', 'b/2', 'c']) {
      const lines: string[] = [];
      for (let n = ctx.choices.int(1, 4); n > 0; n--) {
        const isMarker = lines.length > 0 && ctx.choices.chance(40);
        const { VersionId } = isMarker
          ? await s3.deleteObject({ Bucket, Key })
          : await s3.putObject({ Bucket, Key, Body: String(n) });
        lines.unshift(`${Key} ${VersionId}${isMarker ? ' marker' : ''}`);
      }
      expected.push(`${lines[0]} latest`, ...lines.slice(1));
    }
    assert.deepEqual(await historyOf(plain, Bucket), expected);

    for (const MaxKeys of [1, 2, 3]) {
      const seen: string[] = [];
      let markers = {};
      for (;;) {
        const page = await s3.listObjectVersions({ Bucket, MaxKeys, ...markers });
        const { Versions = [], DeleteMarkers = [] } = page;
        assert.ok(Versions.length + DeleteMarkers.length <= MaxKeys);
        seen.push(...[...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => `${Key} ${VersionId}`));
        if (!page.IsTruncated) break;
        markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      }
      const bare = expected.map((line) => line.replace(/ (?:marker|latest)/g, ''));
      assert.equal(seen.length, bare.length, `${MaxKeys} a page`);
      assert.deepEqual(new Set(seen), new Set(bare), `${MaxKeys} a page`);
    }
  },
);

testCase('S62', 'versions are listed by prefix and delimiter as objects are', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3, { isVersioned: true });
  for (const Key of ['a', 'b/1', 'b/1', 'b/2/x', 'c']) await s3.putObject({ Bucket, Key, Body: '' });
  const top = await s3.listObjectVersions({ Bucket, Delimiter: '/' });
  assert.deepEqual(
    [top.Versions?.map(({ Key }) => Key), top.CommonPrefixes?.map(({ Prefix }) => Prefix)],
    [['a', 'c'], ['b/']],
  );
  const below = await s3.listObjectVersions({ Bucket, Prefix: 'b/', Delimiter: '/' });
  assert.deepEqual(
    [below.Versions?.map(({ Key }) => Key), below.CommonPrefixes?.map(({ Prefix }) => Prefix)],
    [['b/1', 'b/1'], ['b/2/']],
  );
});
