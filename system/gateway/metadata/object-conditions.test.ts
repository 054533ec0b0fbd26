import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Stored, WriteConditions } from '../objects/object-ports.ts';
import { connectTo } from './test-database.ts';
import {
  deleteOne,
  newBucket,
  putFile,
  putInline,
  putOf,
  refusalOf,
  testObjects,
  versionOf,
  versionsOf,
} from './test-objects.ts';

const { database, metadata } = await testObjects();

const second = (date: Date, seconds = 0) => new Date(Math.floor(date.getTime() / 1000) * 1000 + seconds * 1000);

test('conditions of a put are held to the current version', async () => {
  const bucket = await newBucket(metadata);
  const { lastModified } = versionOf(await putInline(metadata, bucket, 'there'));
  const refusal = async (key: string, conditions: WriteConditions) => {
    const refused = refusalOf(await putInline(metadata, bucket, key, { conditions }));
    if (key === 'absent') await deleteOne(metadata, bucket, key);
    return refused;
  };
  assert.equal(await refusal('there', { ifMatch: ['e1'] }), undefined);
  assert.equal(await refusal('there', { ifMatch: ['e0', 'e1'] }), undefined);
  assert.equal(await refusal('there', { ifMatch: ['*'] }), undefined);
  assert.equal(await refusal('there', { ifMatch: ['e0'] }), 'precondition-failed');
  assert.equal(await refusal('there', { ifMatch: [] }), 'precondition-failed');
  assert.equal(await refusal('there', { ifNoneMatch: ['e0'] }), undefined);
  assert.equal(await refusal('there', { ifNoneMatch: ['e0', 'e1'] }), 'precondition-failed');
  assert.equal(await refusal('there', { ifNoneMatch: ['*'] }), 'precondition-failed');
  assert.equal(await refusal('there', { ifUnmodifiedSince: second(lastModified, 60) }), undefined);
  assert.equal(await refusal('there', { ifUnmodifiedSince: second(lastModified, -1) }), 'precondition-failed');
  assert.equal(await refusal('there', { ifMatch: ['e1'], ifNoneMatch: ['e1'] }), 'precondition-failed');
  assert.equal(await refusal('absent', { ifMatch: ['e1'] }), 'no-key');
  assert.equal(await refusal('absent', { ifMatch: ['*'] }), 'no-key');
  assert.equal(await refusal('absent', { ifNoneMatch: ['*'] }), undefined);
  assert.equal(await refusal('absent', { ifUnmodifiedSince: new Date(0) }), undefined);
});

test('moments are compared by the second, which is all that clients know of them', async () => {
  const bucket = await newBucket(metadata);
  const { lastModified } = versionOf(await putInline(metadata, bucket, 'k'));
  const put = (ifUnmodifiedSince: Date) =>
    putInline(metadata, bucket, 'k', { conditions: { ifUnmodifiedSince, ifMatch: ['x'] } });
  // The other condition refuses all of them, so that the version stays as it is.
  assert.equal(refusalOf(await put(second(lastModified))), 'precondition-failed');
  const remove = (conditions: WriteConditions) => deleteOne(metadata, bucket, 'k', { conditions });
  assert.equal(refusalOf(await remove({ lastModified: second(lastModified, 1) })), 'precondition-failed');
  assert.equal(refusalOf(await remove({ lastModified: second(lastModified, -1) })), 'precondition-failed');
  assert.equal(refusalOf(await remove({ ifUnmodifiedSince: second(lastModified, -1) })), 'precondition-failed');
  assert.equal(
    refusalOf(await remove({ lastModified: second(lastModified), ifUnmodifiedSince: second(lastModified) })),
    undefined,
  );
  assert.deepEqual(await versionsOf(database, bucket, 'k'), []);
});

test('a delete marker counts as no version', async () => {
  const bucket = await newBucket(metadata, 'enabled');
  await putInline(metadata, bucket, 'k');
  await deleteOne(metadata, bucket, 'k');
  const put = (conditions: WriteConditions) => putInline(metadata, bucket, 'k', { conditions });
  assert.equal(refusalOf(await put({ ifMatch: ['*'] })), 'no-key');
  assert.equal(refusalOf(await put({ ifMatch: [''] })), 'no-key');
  assert.equal(refusalOf(await put({ ifNoneMatch: ['*'] })), undefined);
});

test('a delete happens only when its conditions hold, and where there is no object they do', async () => {
  const bucket = await newBucket(metadata);
  await putInline(metadata, bucket, 'k', { sizeBytes: 5 });
  const remove = (conditions: WriteConditions, key = 'k') => deleteOne(metadata, bucket, key, { conditions });
  assert.equal(refusalOf(await remove({ ifMatch: ['e0'] })), 'precondition-failed');
  assert.equal(refusalOf(await remove({ sizeBytes: 6 })), 'precondition-failed');
  assert.equal(refusalOf(await remove({ ifMatch: ['e1'], sizeBytes: 6 })), 'precondition-failed');
  assert.deepEqual(await versionsOf(database, bucket, 'k'), ['null L']);
  assert.equal(refusalOf(await remove({ ifMatch: ['e0'] }, 'absent')), undefined);
  assert.equal(refusalOf(await remove({ ifMatch: ['e1'], sizeBytes: 5 })), undefined);
  assert.deepEqual(await versionsOf(database, bucket, 'k'), []);
});

test('conditions of the removal of a version are held to that version', async () => {
  const bucket = await newBucket(metadata, 'enabled');
  const older = versionOf(await putInline(metadata, bucket, 'k', { etag: 'older' })).versionId;
  const newer = versionOf(await putInline(metadata, bucket, 'k', { etag: 'newer' })).versionId;
  const remove = (etag: string) =>
    deleteOne(metadata, bucket, 'k', { versionId: older, conditions: { ifMatch: [etag] } });
  assert.equal(refusalOf(await remove('newer')), 'precondition-failed');
  assert.equal(refusalOf(await remove('older')), undefined);
  assert.deepEqual(await versionsOf(database, bucket, 'k'), [`${newer} L`]);
});

test('a refused put of a file changes nothing: its session is active, and can be cancelled', async () => {
  const bucket = await newBucket(metadata);
  await putInline(metadata, bucket, 'k');
  const { fileId, stored } = await putFile(metadata, bucket, 'k', { conditions: { ifNoneMatch: ['*'] } });
  assert.equal(refusalOf(stored), 'precondition-failed');
  assert.deepEqual(await database.sql('SELECT FROM files WHERE file_id = $1', [fileId]), []);
  assert.deepEqual(await versionsOf(database, bucket, 'k'), ['null L']);
});

const CLIENTS = 16;

/** Each over a pool of connections of its own, as gateways have. */
async function racing(
  rounds: number,
  race: (round: number, put: (client: number, conditions: WriteConditions) => Promise<Stored>) => Promise<void>,
  versioning: 'unversioned' | 'enabled',
) {
  await using one = await connectTo(database.url, { poolMax: CLIENTS / 2 });
  await using two = await connectTo(database.url, { poolMax: CLIENTS / 2 });
  const bucket = await newBucket(metadata, versioning);
  for (let round = 0; round < rounds; round++) {
    await race(round, (client, conditions) => {
      const put = putOf(bucket, 'k', { etag: `round ${round} client ${client}`, conditions });
      return (client % 2 === 0 ? one : two).putInline(put, Buffer.from('hello'));
    });
  }
  return bucket;
}

for (const versioning of ['unversioned', 'enabled'] as const) {
  test(`of sixteen compare-and-swaps through two gateways at once exactly one wins, in a bucket that is ${versioning}`, async () => {
    let etag: string | undefined;
    const bucket = await racing(
      25,
      async (round, put) => {
        const conditions = etag === undefined ? { ifNoneMatch: ['*'] } : { ifMatch: [etag] };
        const results = await Promise.all(Array.from({ length: CLIENTS }, (_, client) => put(client, conditions)));
        const winners = results.filter((result) => !('refused' in result));
        assert.equal(winners.length, 1, `round ${round}: ${winners.length} winners`);
        for (const result of results) if ('refused' in result) assert.equal(result.refused, 'precondition-failed');
        etag = winners.map((winner) => versionOf(winner).etag)[0];
      },
      versioning,
    );
    const { version } = await metadata.lookup(bucket.name, 'k', undefined, 'head');
    assert.equal(version?.etag, etag);
    assert.equal((await versionsOf(database, bucket, 'k')).length, versioning === 'enabled' ? 25 : 1);
  });
}

test('of conditional deletes and conditional puts of one version at once exactly one takes effect', async () => {
  const bucket = await newBucket(metadata);
  for (let round = 0; round < 25; round++) {
    await putInline(metadata, bucket, 'k', { etag: `before ${round}` });
    const conditions = { ifMatch: [`before ${round}`], sizeBytes: 5 };
    const [deleted, ...puts] = await Promise.all([
      deleteOne(metadata, bucket, 'k', { conditions }),
      ...Array.from({ length: 7 }, () => putInline(metadata, bucket, 'k', { etag: `after ${round}`, conditions })),
    ]);
    const left = await versionsOf(database, bucket, 'k');
    const winners = puts.filter((put) => refusalOf(put) === undefined).length;
    // A delete that comes after the winner finds another version and is refused; one that wins leaves no key for the puts.
    assert.deepEqual([winners, refusalOf(deleted)], left.length === 0 ? [0, undefined] : [1, 'precondition-failed']);
  }
});
