/** Many keys go in one request, and each of them is answered for. */
import assert from 'node:assert/strict';
import { ownBucket, plainS3Of, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { oddKeys } from '../odd-keys.ts';
import { overS3 } from '../over-s3.ts';
import { assertRefused } from '../refused.ts';
import { historyOf } from '../version-history.ts';

testCase(
  'S63',
  'a thousand keys go in one request, those that are not there too, and no others',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    // Those that XML cannot carry are deleted one by one.
    const odd = oddKeys.filter((key) => !/[\t\n]/.test(key));
    await Promise.all([...odd, 'stays'].map((Key) => s3.putObject({ Bucket, Key, Body: 'x' })));
    const absent = Array.from({ length: 1_000 - odd.length }, (_, n) => `absent ${n}`);
    const keys = [...odd, ...absent];

    const { Deleted = [], Errors } = await s3.deleteObjects({
      Bucket,
      Delete: { Objects: keys.map((Key) => ({ Key })) },
    });

    assert.deepEqual(Errors, undefined);
    assert.deepEqual(new Set(Deleted.map(({ Key }) => Key)), new Set(keys));
    assert.deepEqual(
      (await s3.listObjectsV2({ Bucket })).Contents?.map(({ Key }) => Key),
      ['stays'],
    );
  },
);

testCase('S64', 'asked to be quiet, the store tells only what it could not delete', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  await s3.putObject({ Bucket, Key: 'a', Body: 'x' });
  const Objects = [{ Key: 'a' }, { Key: 'absent' }];
  const { Deleted, Errors } = await s3.deleteObjects({ Bucket, Delete: { Objects, Quiet: true } });
  assert.deepEqual([Deleted, Errors], [undefined, undefined]);
  assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
});

testCase('S65', 'versions and markers go by their ids, and a key without one gets a marker', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const plain = plainS3Of(ctx);
  const Bucket = await ownBucket(ctx, s3, { isVersioned: true });
  const one = await s3.putObject({ Bucket, Key: 'one', Body: '1' });
  const two = await s3.putObject({ Bucket, Key: 'two', Body: '2' });
  const Objects = [{ Key: 'one', VersionId: one.VersionId }, { Key: 'two' }];
  const { Deleted = [] } = await s3.deleteObjects({ Bucket, Delete: { Objects } });
  const [first, second] = Deleted.toSorted((a, b) => ((a.Key ?? '') < (b.Key ?? '') ? -1 : 1));
  assert.deepEqual([first?.Key, first?.VersionId, first?.DeleteMarker], ['one', one.VersionId, undefined]);
  assert.deepEqual([second?.Key, second?.DeleteMarker], ['two', true]);
  const marker = second?.DeleteMarkerVersionId;
  assert.deepEqual(await historyOf(plain, Bucket), [`two ${marker} marker latest`, `two ${two.VersionId}`]);
});

testCase('S66', 'a request that names no key, or more than a thousand, deletes nothing', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  await s3.putObject({ Bucket, Key: 'key 0', Body: 'x' });
  await assertRefused(s3.deleteObjects({ Bucket, Delete: { Objects: [] } }), 400, 'MalformedXML');
  const Objects = Array.from({ length: 1_001 }, (_, n) => ({ Key: `key ${n}` }));
  await assertRefused(s3.deleteObjects({ Bucket, Delete: { Objects } }), 400, 'MalformedXML');
  assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 1);
});
