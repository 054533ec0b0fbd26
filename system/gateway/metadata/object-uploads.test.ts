import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { StoreError } from '../objects/errors.ts';
import { commitOf, testMetadata } from './test-database.ts';
import {
  assertFilesCounted,
  deleteOne,
  newBucket,
  putFile,
  putOf,
  refusalOf,
  reserveObject,
  versionOf,
  versionsOf,
} from './test-objects.ts';

const { database, metadata } = await testMetadata();
afterEach(() => assertFilesCounted(database));

const commitFor = (reservation: Parameters<typeof commitOf>[0]) => ({ ...commitOf(reservation), sha256: null });

async function upload(versioning: 'unversioned' | 'enabled' = 'enabled', leaseMs = 60_000) {
  const bucket = await newBucket(metadata, versioning);
  const reservation = await reserveObject(metadata, { leaseMs });
  return { bucket, reservation, commit: commitFor(reservation), put: putOf(bucket, 'k', { sizeBytes: 600 }) };
}

test('a put that is sent again after its answer was lost succeeds with the version that it made, also under conditions', async () => {
  const { bucket, put, commit } = await upload();
  const conditional = { ...put, conditions: { ifNoneMatch: ['*'] } };
  const first = await metadata.putFile(conditional, commit);
  assert.ok(first);
  assert.deepEqual(await metadata.putFile(conditional, commit), first);
  await putFile(metadata, bucket, 'k');
  assert.deepEqual(await metadata.putFile(conditional, commit), first);
  assert.equal((await versionsOf(database, bucket, 'k')).length, 2);
});

test('a put that is sent again while the first one still runs happens once', async () => {
  for (let round = 0; round < 25; round++) {
    const { bucket, put, commit } = await upload();
    const results = await Promise.all([1, 2, 3, 4].map(() => metadata.putFile(put, commit)));
    assert.equal(new Set(results.map((result) => result && versionOf(result).versionId)).size, 1);
    assert.equal((await versionsOf(database, bucket, 'k')).length, 1);
  }
});

test('a put that is sent again after its version was replaced changes nothing', async () => {
  const { bucket, put, commit } = await upload('unversioned');
  await metadata.putFile(put, commit);
  await putFile(metadata, bucket, 'k', { etag: 'newer' });
  assert.equal(await metadata.putFile(put, commit), undefined);
  assert.equal((await metadata.lookup(bucket.name, 'k', undefined, 'head')).version?.etag, 'newer');
});

test('a put under conditions that is sent again after its version was replaced is not refused, for it had happened', async () => {
  for (const conditions of [{ ifNoneMatch: ['*'] }, { ifMatch: ['e0'] }]) {
    const { bucket, put, commit } = await upload('unversioned');
    if ('ifMatch' in conditions) await putFile(metadata, bucket, 'k', { etag: 'e0' });
    const conditional = { ...put, conditions };
    versionOf((await metadata.putFile(conditional, commit)) ?? { refused: 'no-key' });
    await putFile(metadata, bucket, 'k', { etag: 'newer', conditions: { ifMatch: [put.etag] } });
    assert.equal(await metadata.putFile(conditional, commit), undefined);
    await deleteOne(metadata, bucket, 'k');
    assert.equal(await metadata.putFile(conditional, commit), undefined);
  }
});

test('a put after cancellation changes nothing', async () => {
  const { bucket, put, commit, reservation } = await upload();
  assert.equal((await metadata.cancel(reservation.sessionId)).length, 12);
  assert.equal(await metadata.putFile(put, commit), undefined);
  assert.deepEqual(await versionsOf(database, bucket, 'k'), []);
});

test('a put with a replica on a server that was removed meanwhile is refused', async () => {
  const { bucket, put, commit } = await upload();
  await database.sql(`INSERT INTO storage_servers (server_id, grpc_address, status) VALUES ('n1', 'h:1', 'removed')`);
  await assert.rejects(
    metadata.putFile(put, commit),
    (error) => error instanceof StoreError && error.code === 'StorageFailed',
  );
  await database.sql('DELETE FROM storage_servers');
  assert.deepEqual(await versionsOf(database, bucket, 'k'), []);
  assert.equal(versionOf((await metadata.putFile(put, commit)) ?? { refused: 'no-key' }).versionId.length, 32);
});

test('of a put, a cancellation and an expiry at the same moment exactly one takes effect', async () => {
  for (let round = 0; round < 25; round++) {
    const { bucket, put, commit, reservation } = await upload('unversioned', 0);
    const [stored, cancelled, expired] = await Promise.all([
      metadata.putFile(put, commit),
      metadata.cancel(reservation.sessionId),
      metadata.expireSessions(10),
    ]);
    const effects = [stored !== undefined, cancelled.length > 0, expired > 0];
    assert.equal(effects.filter(Boolean).length, 1, `round ${round}: ${effects}`);
    assert.equal((await versionsOf(database, bucket, 'k')).length, stored === undefined ? 0 : 1);
    await deleteOne(metadata, bucket, 'k');
  }
});

test('an upload that nobody finishes expires with its file; one that was put never does', async () => {
  const { bucket, put, commit } = await upload();
  const abandoned = await reserveObject(metadata, { leaseMs: 0 });
  await metadata.putFile(put, commit);
  await database.sql(`UPDATE upload_sessions SET expires_at = now() - interval '1 day'`);
  await database.sql(`UPDATE files SET created_at = now() - interval '1 day'`);
  assert.equal(await metadata.expireSessions(100), 1);
  const rows = await database.sql('SELECT FROM files WHERE file_id = $1', [abandoned.fileId]);
  assert.deepEqual(rows, []);
  assert.equal((await metadata.lookup(bucket.name, 'k', undefined, 'content')).content?.kind, 'file');
});

test('repair, scrub and census see the chunks of objects as those of files', async () => {
  const { put, commit } = await upload();
  await metadata.putFile(put, commit);
  const chunkIds = commit.chunks.map(({ chunkId }) => chunkId);
  const sees = (chunks: readonly { chunkId: string }[]) =>
    chunks.filter(({ chunkId }) => chunkIds.includes(chunkId)).length;
  assert.equal(sees(await metadata.chunksAfter('00000000-0000-0000-0000-000000000000', 10_000)), 6);
  assert.equal(sees(await metadata.chunksOn('n0', '00000000-0000-0000-0000-000000000000', undefined, 10_000)), 2);
  assert.equal(sees((await metadata.chunksInDoubt('00000000-0000-0000-0000-000000000000', 10_000, [], 2)).chunks), 6);
  assert.deepEqual(await metadata.noteOrphans('n0', [chunkIds[0] ?? ''], 0), { waiting: 0, queued: 0 });
});

test('a put is refused before its file is committed, so that nothing is stored for a bucket that is gone', async () => {
  const { bucket, put, commit, reservation } = await upload();
  await metadata.deleteBucket(bucket.bucketId);
  assert.equal(refusalOf(await metadata.putFile(put, commit)), 'no-bucket');
  assert.equal((await metadata.cancel(reservation.sessionId)).length, 12);
});
