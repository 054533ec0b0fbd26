import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { commitOf, reservationOf, storeFile, testMetadata } from './test-database.ts';

const FIRST = '00000000-0000-0000-0000-000000000000';

const { database, metadata } = await testMetadata();
beforeEach(async () => {
  await database.sql('TRUNCATE storage_servers, files, chunk_deletions, replica_claims CASCADE');
  await database.sql(`INSERT INTO storage_servers (server_id, grpc_address, last_heartbeat)
    SELECT 'n' || n, 'n' || n || ':1', now() FROM generate_series(0, 6) AS n`);
});

const drain = (serverId: string) => metadata.changeStatus(serverId, () => 'draining');
const statusOf = async (serverId: string) => (await metadata.serverReports(serverId))[0]?.status;

test('a report counts the replicas of a server, those of uploads under way included, and knows removed servers', async () => {
  await storeFile(metadata);
  await metadata.reserve(reservationOf());
  await database.sql(`UPDATE storage_servers SET status = 'removed' WHERE server_id = 'n6'`);
  const reports = await metadata.serverReports();
  assert.deepEqual(
    reports.map(({ serverId, replicas, replicaBytes }) => [serverId, replicas, replicaBytes]),
    ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'].map((serverId) => [serverId, 4, 200]).concat([['n6', 0, 0]]),
  );
  assert.equal(reports[6]?.status, 'removed');
  assert.ok(reports[0]?.lastHeartbeat instanceof Date);
  assert.deepEqual(await metadata.serverReports('nobody'), []);
});

test('a row that names its primary alone counts for that server', async () => {
  await storeFile(metadata);
  await database.sql(`UPDATE chunks SET storage_server_id = 'n6', replica_server_ids = '{}' WHERE chunk_number = 0`);
  const [report] = await metadata.serverReports('n6');
  assert.equal(report?.replicas, 1);
  const [chunk] = await metadata.movableChunks('n6', FIRST, 10);
  assert.deepEqual(chunk?.serverIds, ['n6']);
});

test('of two servers that are drained at the same moment only one may count on the other', async () => {
  await database.sql(`DELETE FROM storage_servers WHERE server_id NOT IN ('n0', 'n1', 'n2')`);
  const drainIfTwoAreLeft = (serverId: string) =>
    metadata.changeStatus(serverId, ({ otherActive }) => {
      if (otherActive < 2) throw new Error('too few');
      return 'draining';
    });
  const outcomes = await Promise.allSettled(['n0', 'n1'].map(drainIfTwoAreLeft));
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.equal(await drain('nobody'), false);
});

test('the chunks on a server come page by page, each with where the rest of its file lies', async () => {
  const stored = await storeFile(metadata);
  const seen = [];
  for (let at = FIRST; ; ) {
    const page = await metadata.movableChunks('n1', at, 1);
    if (page[0] === undefined) break;
    seen.push(page[0]);
    at = page[0].chunkId;
  }
  const expected = stored.chunks.filter(({ serverIds }) => serverIds.includes('n1'));
  assert.deepEqual(
    seen.map(({ chunkId }) => chunkId),
    expected.map(({ chunkId }) => chunkId).sort(),
  );
  for (const chunk of seen) {
    const others = stored.chunks.filter(({ chunkId }) => chunkId !== chunk.chunkId);
    const byId = (a: { chunkId: string }, b: { chunkId: string }) => (a.chunkId < b.chunkId ? -1 : 1);
    const siblings = others.map(({ chunkId, serverIds }) => ({ chunkId, serverIds })).sort(byId);
    assert.deepEqual([...chunk.siblings].sort(byId), siblings);
    assert.deepEqual([chunk.sizeBytes, chunk.sha256], [100, 'cd'.repeat(32)]);
  }
});

test('the replicas of a chunk are put in another order only while they are the same', async () => {
  const [chunk] = (await storeFile(metadata)).chunks;
  const chunkId = chunk?.chunkId ?? '';
  const servers = async () =>
    (await database.sql('SELECT storage_server_id, replica_server_ids FROM chunks WHERE chunk_id = $1', [chunkId]))[0];
  await metadata.reorderReplicas(chunkId, ['n1', 'n0']);
  assert.deepEqual(await servers(), { storage_server_id: 'n1', replica_server_ids: ['n1', 'n0'] });
  for (const order of [['n0', 'n2'], ['n0'], ['n0', 'n1', 'n2']]) await metadata.reorderReplicas(chunkId, order);
  assert.deepEqual(await servers(), { storage_server_id: 'n1', replica_server_ids: ['n1', 'n0'] });
});

test('a drain ends when no chunk in any state lies on the server and none is being made there, and not too soon', async () => {
  const reservation = reservationOf();
  await metadata.reserve(reservation);
  const chunkId = reservation.chunks[0]?.chunkId ?? '';
  await drain('n0');
  await drain('n6');
  assert.deepEqual(await metadata.endDrains(60_000), []);
  await database.sql(
    `INSERT INTO replica_claims (chunk_id, server_id, expires_at)
    VALUES ($1, 'n6', now() + interval '1 minute')`,
    [chunkId],
  );
  assert.deepEqual(await metadata.endDrains(0), []);
  await database.sql('DELETE FROM replica_claims');
  assert.deepEqual(await metadata.endDrains(0), ['n6']);
  await metadata.cancel(reservation.sessionId);
  assert.deepEqual(await metadata.endDrains(0), ['n0']);
  assert.deepEqual([await statusOf('n0'), await statusOf('n1')], ['removed', 'active']);
});

test('an upload that was reserved before its server was removed is refused at its commit, and leaves nothing', async () => {
  const reservation = reservationOf();
  await metadata.reserve(reservation);
  await database.sql(`UPDATE storage_servers SET status = 'removed' WHERE server_id = 'n3'`);
  await assert.rejects(metadata.commit(commitOf(reservation)), { code: 'StorageFailed', message: /was removed/ });
  assert.equal((await metadata.file(reservation.fileId))?.uploadStatus, 'uploading');
  assert.equal((await metadata.cancel(reservation.sessionId)).length, 12);
  assert.deepEqual(await database.sql('SELECT FROM files'), []);
});

test('a removed server on which nothing was written after all does not keep an upload from its commit', async () => {
  const reservation = reservationOf();
  await metadata.reserve(reservation);
  await database.sql(`UPDATE storage_servers SET status = 'removed' WHERE server_id = 'n3'`);
  const commit = commitOf(reservation);
  const chunks = commit.chunks.map((chunk) => ({ ...chunk, serverIds: chunk.serverIds.filter((id) => id !== 'n3') }));
  assert.equal((await metadata.commit({ ...commit, chunks }))?.uploadStatus, 'completed');
});
