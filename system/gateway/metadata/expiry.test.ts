import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { reservationOf, storeFile, testMetadata } from './test-database.ts';

const { database, metadata } = await testMetadata();
beforeEach(async () => {
  await database.sql('TRUNCATE files, chunk_deletions CASCADE');
});

async function insertFile(status: string, ageMinutes: number): Promise<string> {
  const fileId = randomUUID();
  await database.sql(
    `INSERT INTO files (file_id, filename, content_type, total_size, upload_status, checksum, created_at)
     VALUES ($1, 'x', 'text/plain', 1, $2, NULL, now() - $3 * interval '1 minute')`,
    [fileId, status, ageMinutes],
  );
  return fileId;
}

async function insertSession(fileId: string, status: string, expiresInMinutes: number): Promise<void> {
  await database.sql(
    `INSERT INTO upload_sessions (session_id, file_id, status, expires_at)
     VALUES ($1, $2, $3, now() + $4 * interval '1 minute')`,
    [randomUUID(), fileId, status, expiresInMinutes],
  );
}

const queued = async () => (await database.sql('SELECT FROM chunk_deletions')).length;

test('a session whose lease is over is ended with its file, and its replicas are queued; an active one is spared', async () => {
  const [lapsed, active] = [reservationOf({ leaseMs: 0 }), reservationOf()];
  await metadata.reserve(lapsed);
  await metadata.reserve(active);
  assert.equal(await metadata.expireSessions(100), 1);
  assert.equal(await metadata.file(lapsed.fileId), undefined);
  assert.equal((await metadata.file(active.fileId))?.uploadStatus, 'uploading');
  assert.equal(await queued(), 12);
});

test('one call ends no more sessions than it may', async () => {
  for (let i = 0; i < 5; i++) await metadata.reserve(reservationOf({ leaseMs: 0 }));
  assert.equal(await metadata.expireSessions(3), 3);
  assert.equal(await metadata.expireSessions(3), 2);
});

test('gateways that clean up at once end each session once', async () => {
  for (let i = 0; i < 20; i++) await metadata.reserve(reservationOf({ leaseMs: 0 }));
  const ended = await Promise.all([1, 2, 3, 4].map(() => metadata.expireSessions(100)));
  const rest = await metadata.expireSessions(100);
  assert.equal(
    ended.reduce((sum, count) => sum + count, rest),
    20,
  );
  assert.equal(await queued(), 240);
});

test('a completed file is never removed, whatever its sessions say', async () => {
  const { fileId } = await storeFile(metadata);
  await insertSession(fileId, 'active', -10);
  assert.equal(await metadata.expireSessions(100), 1);
  assert.equal((await metadata.file(fileId))?.chunks.length, 6);
  assert.equal(await queued(), 0);
  const rows = await database.sql(`SELECT status FROM upload_sessions WHERE file_id = $1 ORDER BY status`, [fileId]);
  assert.deepEqual(rows, [{ status: 'completed' }, { status: 'expired' }]);
});

test('a file stays while another session of it is active', async () => {
  const fileId = await insertFile('uploading', 60);
  await insertSession(fileId, 'active', -10);
  await insertSession(fileId, 'active', 10);
  await metadata.expireSessions(100);
  assert.equal((await metadata.file(fileId))?.uploadStatus, 'uploading');
});

test('a file that was inserted without a session goes after five minutes, and its chunks are queued', async () => {
  const old = [await insertFile('pending', 6), await insertFile('uploading', 6)];
  const kept = [await insertFile('pending', 1), await insertFile('completed', 6), await insertFile('failed', 6)];
  await database.sql(
    `INSERT INTO chunks (chunk_id, file_id, chunk_number, storage_server_id, chunk_size, chunk_hash, status)
     VALUES (gen_random_uuid(), $1, 0, 'n0', 1, 'x', 'stored')`,
    [old[0]],
  );
  assert.equal(await metadata.expireSessions(100), 2);
  for (const fileId of old) assert.equal(await metadata.file(fileId), undefined);
  for (const fileId of kept) assert.notEqual(await metadata.file(fileId), undefined);
  assert.equal(await queued(), 1);
});

test('sessions that ended more than an hour ago are forgotten, later ones are kept', async () => {
  const { fileId } = await storeFile(metadata);
  await insertSession(fileId, 'cancelled', -61);
  await insertSession(fileId, 'expired', -70);
  assert.equal(await metadata.forgetSessions(1), 1);
  assert.equal(await metadata.forgetSessions(100), 1);
  assert.deepEqual(await database.sql('SELECT status FROM upload_sessions'), [{ status: 'completed' }]);
});
