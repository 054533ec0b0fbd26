import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { reservationOf, storeFile, testMetadata } from './test-database.ts';

const { database, metadata } = await testMetadata();
beforeEach(async () => {
  await database.sql('TRUNCATE files, chunk_deletions CASCADE');
});

/** As another program would: many files, groups of them created in the same microsecond. */
async function insertFiles(howMany: number, status = 'completed'): Promise<void> {
  await database.sql(
    `INSERT INTO files (filename, content_type, total_size, upload_status, checksum, created_at)
     SELECT 'f' || i, 'text/plain', i, $2, 'x', timestamptz '2026-01-01' + (i / 4) * interval '1 microsecond'
     FROM generate_series(1, $1::int) AS i`,
    [howMany, status],
  );
}

async function everyPage(perPage: number, total: number): Promise<string[]> {
  const ids: string[] = [];
  for (let page = 1; page <= Math.ceil(total / perPage); page++) {
    const listed = await metadata.listFiles(page, perPage, undefined);
    assert.equal(listed.total, total);
    ids.push(...listed.files.map((file) => file.fileId));
  }
  return ids;
}

test('all pages together have every file once, oldest first, whatever the size of a page', async () => {
  await insertFiles(53);
  const rows = await database.sql<{ file_id: string }>('SELECT file_id FROM files ORDER BY created_at, file_id');
  const expected = rows.map((row) => row.file_id);
  for (const perPage of [1, 7, 10, 53, 100]) assert.deepEqual(await everyPage(perPage, 53), expected);
});

test('a page behind the last one is empty and still tells the total', async () => {
  await insertFiles(5);
  assert.deepEqual(await metadata.listFiles(2, 5, undefined), { files: [], total: 5 });
  assert.deepEqual(await metadata.listFiles(1_000_000, 100, undefined), { files: [], total: 5 });
});

test('an empty store lists nothing', async () => {
  assert.deepEqual(await metadata.listFiles(1, 10, undefined), { files: [], total: 0 });
});

test('the listing has completed files unless it is asked for others', async () => {
  await insertFiles(3, 'failed');
  const uploading = reservationOf();
  await metadata.reserve(uploading);
  const stored = await storeFile(metadata);
  const ids = async (status?: 'uploading') =>
    (await metadata.listFiles(1, 10, status)).files.map((file) => file.fileId);
  assert.deepEqual(await ids(), [stored.fileId]);
  assert.deepEqual(await ids('uploading'), [uploading.fileId]);
  assert.equal((await metadata.listFiles(1, 2, 'failed')).total, 3);
});

test('the total follows every way in which a file comes, goes or changes', async () => {
  const total = async () => (await metadata.listFiles(1, 1, undefined)).total;
  await insertFiles(10);
  const { fileId } = await storeFile(metadata);
  assert.equal(await total(), 11);
  await metadata.deleteFile(fileId);
  await database.sql(`DELETE FROM files WHERE total_size <= 3`);
  assert.equal(await total(), 7);
  await database.sql(`UPDATE files SET upload_status = 'failed' WHERE total_size <= 5`);
  assert.equal(await total(), 5);
  await database.sql(`UPDATE files SET upload_status = 'completed'`);
  assert.equal(await total(), 7);
  await database.sql('TRUNCATE files CASCADE');
  assert.equal(await total(), 0);
});

test('a deleted file leaves no rows, and its replicas are queued', async () => {
  const { fileId } = await storeFile(metadata);
  assert.equal((await metadata.deleteFile(fileId))?.length, 12);
  assert.equal(await metadata.file(fileId), undefined);
  const [left] = await database.sql(`SELECT (SELECT count(*)::int FROM chunks) AS chunks,
    (SELECT count(*)::int FROM upload_sessions) AS sessions, (SELECT count(*)::int FROM chunk_deletions) AS queued`);
  assert.deepEqual(left, { chunks: 0, sessions: 0, queued: 12 });
});

test('of many deletions of one file at once exactly one succeeds', async () => {
  for (let round = 0; round < 10; round++) {
    const { fileId } = await storeFile(metadata);
    const results = await Promise.all([1, 2, 3, 4].map(() => metadata.deleteFile(fileId)));
    assert.deepEqual(results.map((replicas) => replicas?.length ?? 0).sort(), [0, 0, 0, 12]);
  }
});

test('a file that is being uploaded, or does not exist, cannot be deleted', async () => {
  const reservation = reservationOf();
  await metadata.reserve(reservation);
  assert.equal(await metadata.deleteFile(reservation.fileId), undefined);
  assert.equal(await metadata.deleteFile(reservation.sessionId), undefined);
  assert.equal((await metadata.file(reservation.fileId))?.uploadStatus, 'uploading');
});

test('a reader sees a file with all its chunks or none while it is deleted', async () => {
  for (let round = 0; round < 20; round++) {
    const { fileId } = await storeFile(metadata);
    const [seen] = await Promise.all([metadata.file(fileId), metadata.deleteFile(fileId)]);
    assert.ok(seen === undefined || seen.chunks.length === 6, `it saw ${seen?.chunks.length} chunks`);
  }
});

test('rows with the documented columns alone are read: the primary is the only replica', async () => {
  const fileId = '00000000-0000-4000-8000-000000000001';
  const chunkId = '00000000-0000-4000-8000-000000000002';
  await database.sql(
    `INSERT INTO files (file_id, filename, content_type, total_size, upload_status, checksum, created_at)
     VALUES ($1, 'old.txt', 'text/plain', 5, 'completed', 'x', now())`,
    [fileId],
  );
  await database.sql(
    `INSERT INTO chunks (chunk_id, file_id, chunk_number, storage_server_id, chunk_size, chunk_hash, status)
     VALUES ($1, $2, 0, 'gone-server', 5, 'y', 'stored')`,
    [chunkId, fileId],
  );
  assert.deepEqual((await metadata.file(fileId))?.chunks, [
    { chunkId, chunkNumber: 0, sizeBytes: 5, sha256: 'y', serverIds: ['gone-server'] },
  ]);
  assert.deepEqual(await metadata.deleteFile(fileId), [{ chunkId, serverId: 'gone-server' }]);
});

test('a completed file without chunks can be deleted', async () => {
  await insertFiles(1);
  const [row] = await database.sql<{ file_id: string }>('SELECT file_id FROM files');
  assert.deepEqual(await metadata.deleteFile(row?.file_id ?? ''), []);
});
