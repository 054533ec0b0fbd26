import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreError } from '../objects/errors.ts';
import type { Replica } from '../objects/ports.ts';
import { commitOf, reservationOf, storeFile, testMetadata } from './test-database.ts';

const { database, metadata } = await testMetadata();

function count(text: string, id: string): Promise<number> {
  return database.sql<{ n: string }>(`SELECT count(*) AS n FROM ${text}`, [id]).then(([row]) => Number(row?.n));
}

async function queuedOf(chunkIds: readonly string[]): Promise<string[]> {
  const rows = await database.sql<{ id: string }>(
    `SELECT chunk_id || ' ' || server_id AS id FROM chunk_deletions WHERE chunk_id = ANY ($1) ORDER BY 1`,
    [chunkIds],
  );
  return rows.map((row) => row.id);
}

const nameOf = ({ chunkId, serverId }: Replica) => `${chunkId} ${serverId}`;

test('a reservation shows as an uploading file with six chunks and an active session', async () => {
  const reservation = reservationOf();
  await metadata.reserve(reservation);
  const file = await metadata.file(reservation.fileId);
  assert.equal(file?.uploadStatus, 'uploading');
  assert.equal(file?.sha256, null);
  assert.deepEqual(
    file?.chunks.map(({ chunkId, chunkNumber, serverIds }) => ({ chunkId, chunkNumber, serverIds })),
    reservation.chunks,
  );
  const sessions = await database.sql(
    'SELECT status, expires_at > now() AS runs FROM upload_sessions WHERE session_id = $1',
    [reservation.sessionId],
  );
  assert.deepEqual(sessions, [{ status: 'active', runs: true }]);
});

test('a reservation that is sent twice exists once', async () => {
  const reservation = reservationOf();
  await metadata.reserve(reservation);
  await metadata.reserve(reservation);
  assert.equal(await count('chunks WHERE file_id = $1', reservation.fileId), 6);
  assert.equal(await count('upload_sessions WHERE file_id = $1', reservation.fileId), 1);
});

test('a reservation that is sent again while the first one still runs exists once', async () => {
  for (let round = 0; round < 25; round++) {
    const reservation = reservationOf();
    await Promise.all([1, 2, 3, 4].map(() => metadata.reserve(reservation)));
    assert.equal(await count('chunks WHERE file_id = $1', reservation.fileId), 6);
  }
});

test('the progress of an upload is visible while it runs', async () => {
  const reservation = reservationOf();
  await metadata.reserve(reservation);
  const alive = await metadata.renewSessions([{ sessionId: reservation.sessionId, receivedBytes: 321 }], 60_000);
  assert.deepEqual(alive, [reservation.sessionId]);
  assert.equal((await metadata.file(reservation.fileId))?.sizeBytes, 321);
});

test('a committed file has its sizes, checksums and servers, and its session is completed', async () => {
  const reservation = reservationOf({ declaredBytes: null });
  await metadata.reserve(reservation);
  const summary = await metadata.commit(commitOf(reservation));
  assert.ok(summary);
  assert.equal(summary.uploadStatus, 'completed');
  const file = await metadata.file(reservation.fileId);
  assert.deepEqual(file, { ...summary, unitBytes: 100, chunks: commitOf(reservation).chunks });
  assert.equal(await count(`upload_sessions WHERE session_id = $1 AND status = 'completed'`, reservation.sessionId), 1);
  assert.deepEqual(await queuedOf(reservation.chunks.map((chunk) => chunk.chunkId)), []);
});

test('a commit that is sent again succeeds with the same file', async () => {
  const reservation = reservationOf();
  await metadata.reserve(reservation);
  const first = await metadata.commit(commitOf(reservation));
  assert.deepEqual(await metadata.commit(commitOf(reservation)), first);
});

test('a commit after cancellation changes nothing', async () => {
  const reservation = reservationOf();
  await metadata.reserve(reservation);
  await metadata.cancel(reservation.sessionId);
  assert.equal(await metadata.commit(commitOf(reservation)), undefined);
  assert.equal(await metadata.file(reservation.fileId), undefined);
});

test('a replica that was reserved but is not committed is queued for deletion', async () => {
  const reservation = reservationOf();
  await metadata.reserve(reservation);
  const [first, ...rest] = commitOf(reservation).chunks;
  assert.ok(first);
  await metadata.addReplica(reservation.sessionId, { chunkId: first.chunkId, serverId: 'n9' });
  await metadata.commit({ ...commitOf(reservation), chunks: [{ ...first, serverIds: ['n1', 'n9'] }, ...rest] });
  assert.deepEqual(await queuedOf([first.chunkId]), [`${first.chunkId} n0`]);
  assert.deepEqual((await metadata.file(reservation.fileId))?.chunks[0]?.serverIds, ['n1', 'n9']);
});

test('a cancelled upload leaves no rows, and every replica it may have is queued, also an added one', async () => {
  const reservation = reservationOf();
  await metadata.reserve(reservation);
  const chunkId = reservation.chunks[0]?.chunkId ?? '';
  await metadata.addReplica(reservation.sessionId, { chunkId, serverId: 'n9' });
  const replicas = await metadata.cancel(reservation.sessionId);
  assert.equal(replicas.length, 13);
  assert.ok(replicas.map(nameOf).includes(`${chunkId} n9`));
  assert.deepEqual(await queuedOf(reservation.chunks.map((chunk) => chunk.chunkId)), replicas.map(nameOf).sort());
  assert.equal(await count('files WHERE file_id = $1', reservation.fileId), 0);
  assert.equal(await count('chunks WHERE file_id = $1', reservation.fileId), 0);
  assert.equal(await count('upload_sessions WHERE file_id = $1', reservation.fileId), 0);
});

test('cancelling a committed upload changes nothing', async () => {
  const reservation = await storeFile(metadata);
  assert.deepEqual(await metadata.cancel(reservation.sessionId), []);
  assert.equal((await metadata.file(reservation.fileId))?.chunks.length, 6);
});

test('no replica can be added to an upload that has ended', async () => {
  const reservation = reservationOf();
  await metadata.reserve(reservation);
  await metadata.cancel(reservation.sessionId);
  const replica = { chunkId: reservation.chunks[0]?.chunkId ?? '', serverId: 'n9' };
  await assert.rejects(
    metadata.addReplica(reservation.sessionId, replica),
    (error) => error instanceof StoreError && error.code === 'StorageFailed',
  );
});

test('only active sessions are renewed', async () => {
  const [active, ended] = [reservationOf(), await storeFile(metadata)];
  await metadata.reserve(active);
  const progress = [active, ended].map(({ sessionId }) => ({ sessionId, receivedBytes: 1 }));
  assert.deepEqual(await metadata.renewSessions(progress, 60_000), [active.sessionId]);
});

test('of a commit, a cancellation and an expiry at the same moment exactly one takes effect', async () => {
  for (let round = 0; round < 25; round++) {
    const reservation = reservationOf({ leaseMs: 0 });
    await metadata.reserve(reservation);
    const [committed, cancelled, expired] = await Promise.all([
      metadata.commit(commitOf(reservation)),
      metadata.cancel(reservation.sessionId),
      metadata.expireSessions(10),
    ]);
    const effects = [committed !== undefined, cancelled.length > 0, expired > 0];
    assert.equal(effects.filter(Boolean).length, 1, `round ${round}: ${effects}`);
    const file = await metadata.file(reservation.fileId);
    assert.equal(file?.uploadStatus, committed === undefined ? undefined : 'completed');
    const queued = await queuedOf(reservation.chunks.map((chunk) => chunk.chunkId));
    assert.equal(queued.length, committed === undefined ? 12 : 0);
  }
});

test('a replica that is added while its upload is cancelled is queued, or refused', async () => {
  for (let round = 0; round < 25; round++) {
    const reservation = reservationOf();
    await metadata.reserve(reservation);
    const replica = { chunkId: reservation.chunks[3]?.chunkId ?? '', serverId: 'n9' };
    const [added, cancelled] = await Promise.allSettled([
      metadata.addReplica(reservation.sessionId, replica),
      metadata.cancel(reservation.sessionId),
    ]);
    assert.equal(cancelled.status, 'fulfilled');
    const isQueued = (await queuedOf([replica.chunkId])).includes(nameOf(replica));
    assert.equal(isQueued, added.status === 'fulfilled', `round ${round}: ${added.status}`);
  }
});
