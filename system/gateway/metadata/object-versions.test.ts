import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bucket, Deleted } from '../objects/object-ports.ts';
import {
  deleteOne,
  newBucket,
  owner,
  putFile,
  putInline,
  refusalOf,
  testObjects,
  versionOf,
  versionsOf,
} from './test-objects.ts';
import { until } from './until.ts';

const { database, metadata } = await testObjects();

const put = async (bucket: Bucket, etag = 'e1') =>
  versionOf(await putInline(metadata, bucket, 'k', { etag })).versionId;
const versions = (bucket: Bucket) => versionsOf(database, bucket, 'k');
const current = async (bucket: Bucket) => (await metadata.lookup(bucket.name, 'k', undefined, 'head')).version;

/** A bucket whose key has a null version, then two versions with ids of their own; then in the given state. */
async function mixed(versioning: 'enabled' | 'suspended') {
  const bucket = await newBucket(metadata);
  await put(bucket, 'null');
  await metadata.setVersioning(bucket.bucketId, 'enabled');
  const [first, second] = [await put(bucket, 'first'), await put(bucket, 'second')];
  await metadata.setVersioning(bucket.bucketId, versioning);
  return { bucket, first, second };
}

test('a put in an unversioned bucket replaces what was there', async () => {
  const bucket = await newBucket(metadata);
  assert.equal(await put(bucket, 'e1'), 'null');
  assert.equal(await put(bucket, 'e2'), 'null');
  assert.deepEqual(await versions(bucket), ['null L']);
  assert.equal((await current(bucket))?.etag, 'e2');
});

test('a put in a versioned bucket adds a version with an id of its own, and keeps the null version', async () => {
  const { bucket, first, second } = await mixed('enabled');
  assert.match(first, /^[0-9a-f]{32}$/);
  assert.notEqual(first, second);
  assert.deepEqual(await versions(bucket), [`${second} L`, first, 'null']);
});

test('a put in a suspended bucket replaces the null version, wherever it is, and keeps the others', async () => {
  const { bucket, first, second } = await mixed('suspended');
  for (const etag of ['old null version', 'newest null version']) {
    assert.equal(await put(bucket, etag), 'null');
    assert.deepEqual(await versions(bucket), ['null L', second, first]);
    assert.equal((await current(bucket))?.etag, etag);
  }
});

test('once versioning is enabled no write that began before it takes a version away', async () => {
  const bucket = await newBucket(metadata);
  await put(bucket, 'old');
  await database.sql('BEGIN');
  await database.sql(`SELECT put_inline($1, $2, $3, '', NULL, '{"etag": "new", "sizeBytes": 5}', 'hello')`, [
    bucket.name,
    Buffer.from('k'),
    owner.accountId,
  ]);
  let isEnabled = false;
  const enabling = metadata.setVersioning(bucket.bucketId, 'enabled').then(() => {
    isEnabled = true;
  });
  const waits = () =>
    database.sql(`
      SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
      WHERE NOT l.granted AND l.locktype = 'advisory' AND d.datname = current_database()`);
  await until('versioning is enabled, or waits', async () => isEnabled || (await waits()).length > 0);
  const seen = isEnabled ? (await current(bucket))?.etag : undefined;
  await database.sql('COMMIT');
  await enabling;
  assert.equal(seen ?? 'new', (await current(bucket))?.etag, 'a version that was there then is gone');
  await put(bucket, 'newer');
  assert.equal((await versions(bucket)).length, 2);
});

test('what is stored tells the state of the bucket', async () => {
  for (const versioning of ['unversioned', 'enabled', 'suspended'] as const) {
    const bucket = await newBucket(metadata, versioning);
    assert.equal(versionOf(await putInline(metadata, bucket, 'k')).versioning, versioning);
  }
});

test('a delete in an unversioned bucket leaves nothing, also where nothing was', async () => {
  const bucket = await newBucket(metadata);
  await put(bucket);
  const nothing: Deleted = { versionId: undefined, isDeleteMarker: false, freedSpace: false };
  assert.deepEqual(await deleteOne(metadata, bucket, 'k'), nothing);
  assert.deepEqual(await versions(bucket), []);
  assert.deepEqual(await deleteOne(metadata, bucket, 'k'), nothing);
});

test('a delete in a versioned bucket adds a delete marker, also where nothing was, or another marker is', async () => {
  const bucket = await newBucket(metadata, 'enabled');
  const markers: string[] = [];
  for (let round = 0; round < 2; round++) {
    const deleted = (await deleteOne(metadata, bucket, 'k')) as Deleted;
    assert.equal(deleted.isDeleteMarker, true);
    markers.unshift(deleted.versionId ?? '');
  }
  const id = await put(bucket);
  const last = (await deleteOne(metadata, bucket, 'k')) as Deleted;
  assert.deepEqual(await versions(bucket), [`${last.versionId} L D`, id, ...markers.map((marker) => `${marker} D`)]);
  assert.equal((await current(bucket))?.isDeleteMarker, true);
});

test('a delete in a suspended bucket puts a null delete marker in the place of the null version', async () => {
  const { bucket, first, second } = await mixed('suspended');
  for (let round = 0; round < 2; round++) {
    const deleted = await deleteOne(metadata, bucket, 'k');
    assert.deepEqual(deleted, { versionId: 'null', isDeleteMarker: true, freedSpace: false });
    assert.deepEqual(await versions(bucket), ['null L D', second, first]);
  }
  assert.equal(await put(bucket), 'null');
  assert.deepEqual(await versions(bucket), ['null L', second, first]);
});

test('the removal of the latest version makes the newest of the rest the latest, be it a marker', async () => {
  const { bucket, first, second } = await mixed('enabled');
  const marker = ((await deleteOne(metadata, bucket, 'k')) as Deleted).versionId ?? '';
  const third = await put(bucket);
  const remove = (versionId: string) => deleteOne(metadata, bucket, 'k', { versionId });
  assert.deepEqual(await remove(third), { versionId: third, isDeleteMarker: false, freedSpace: false });
  assert.deepEqual(await versions(bucket), [`${marker} L D`, second, first, 'null']);
  assert.deepEqual(await remove(marker), { versionId: marker, isDeleteMarker: true, freedSpace: false });
  assert.deepEqual(await versions(bucket), [`${second} L`, first, 'null']);
  await remove(first);
  assert.deepEqual(await versions(bucket), [`${second} L`, 'null']);
  await remove('null');
  await remove(second);
  assert.deepEqual(await versions(bucket), []);
});

test('the removal of a version that is not there changes nothing, whatever its id looks like', async () => {
  const { bucket, second } = await mixed('enabled');
  await deleteOne(metadata, bucket, 'k', { versionId: 'null' });
  const before = await versions(bucket);
  const other = await newBucket(metadata, 'enabled');
  const elsewhere = await put(other);
  for (const versionId of [
    'null',
    'f'.repeat(32),
    '0'.repeat(32),
    `${second.slice(0, 16)}${'0'.repeat(16)}`,
    'x',
    '',
    elsewhere,
  ]) {
    const deleted = await deleteOne(metadata, bucket, 'k', { versionId });
    assert.deepEqual(deleted, { versionId, isDeleteMarker: false, freedSpace: false });
  }
  assert.deepEqual(await versions(bucket), before);
  assert.deepEqual(await versions(other), [`${elsewhere} L`]);
});

test('deletes of many keys are told in the order asked, each as if alone', async () => {
  const bucket = await newBucket(metadata, 'enabled');
  const keys = Array.from({ length: 120 }, (_, n) => `key ${n}`);
  const ids = await Promise.all(
    keys.map(async (key) => versionOf((await putFile(metadata, bucket, key)).stored).versionId),
  );
  const targets = keys.map((key, n) => ({
    key,
    versionId: ids[n],
    conditions: n % 3 === 0 ? { ifMatch: ['other'] } : {},
    nonce: '0'.repeat(16),
  }));
  const outcomes = await metadata.deleteVersions(bucket.name, owner.accountId, targets);
  outcomes.forEach((outcome, n) => {
    const expected = { versionId: ids[n], isDeleteMarker: false, freedSpace: true };
    assert.deepEqual(outcome, n % 3 === 0 ? { refused: 'precondition-failed' } : expected);
  });
});

test('a key that is named twice in one request is deleted in the order asked', async () => {
  const bucket = await newBucket(metadata, 'enabled');
  const id = await put(bucket);
  const target = { key: 'k', conditions: {}, nonce: '0'.repeat(16) };
  await metadata.deleteVersions(bucket.name, owner.accountId, [
    { ...target, versionId: undefined },
    { ...target, versionId: id },
  ]);
  assert.equal((await versions(bucket)).length, 1);
  assert.equal((await current(bucket))?.isDeleteMarker, true);
});

test('keys are told apart by every byte, and may have any', async () => {
  const bucket = await newBucket(metadata);
  const keys = ['\u0000', '\u0000\u0000', 'a', 'A', 'a/', 'é', 'e\u0301', '\u{1f600}', '\\x41', "'", 'x'.repeat(1024)];
  for (const key of keys) await putInline(metadata, bucket, key, { etag: Buffer.from(key).toString('hex') });
  for (const key of keys) {
    const { version } = await metadata.lookup(bucket.name, key, undefined, 'head');
    assert.equal(version?.etag, Buffer.from(key).toString('hex'));
    assert.deepEqual(await deleteOne(metadata, bucket, key), {
      versionId: undefined,
      isDeleteMarker: false,
      freedSpace: false,
    });
  }
  assert.equal(await metadata.deleteBucket(bucket.bucketId), 'deleted');
});

test('nobody but the owner of a bucket writes to it, and nothing is written to a bucket that is not there', async () => {
  const bucket = await newBucket(metadata);
  await put(bucket);
  assert.equal(refusalOf(await putInline(metadata, bucket, 'k', { accountId: 'else', etag: 'theirs' })), 'not-owner');
  const [theirs] = await metadata.deleteVersions(bucket.name, 'else', [
    { key: 'k', versionId: 'null', conditions: {}, nonce: '' },
  ]);
  assert.equal(refusalOf(theirs), 'not-owner');
  assert.equal((await current(bucket))?.etag, 'e1');
  const gone = { ...bucket, name: 'not-there' };
  assert.equal(refusalOf(await putInline(metadata, gone, 'k')), 'no-bucket');
  assert.equal(refusalOf(await deleteOne(metadata, gone, 'k')), 'no-bucket');
});
