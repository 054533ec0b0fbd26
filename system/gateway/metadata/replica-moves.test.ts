import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { storeFile, testMetadata } from './test-database.ts';
import { until } from './until.ts';

const { database, metadata } = await testMetadata();
beforeEach(async () => {
  await database.sql('TRUNCATE files, chunk_deletions, storage_servers, replica_claims CASCADE');
});

/** A completed chunk on n0 and n1. */
async function storedChunk(): Promise<{ fileId: string; chunkId: string }> {
  const { fileId, chunks } = await storeFile(metadata);
  return { fileId, chunkId: chunks[0]?.chunkId ?? '' };
}

async function listed(chunkId: string): Promise<string[] | undefined> {
  const rows = await database.sql<{ storage_server_id: string; replica_server_ids: string[] }>(
    'SELECT storage_server_id, replica_server_ids FROM chunks WHERE chunk_id = $1',
    [chunkId],
  );
  if (rows[0] !== undefined) assert.equal(rows[0].storage_server_id, rows[0].replica_server_ids[0]);
  return rows[0]?.replica_server_ids;
}

const queued = async () =>
  (await database.sql<{ server_id: string }>('SELECT server_id FROM chunk_deletions ORDER BY server_id')).map(
    (row) => row.server_id,
  );
const claims = async () => (await database.sql('SELECT FROM replica_claims')).length;
const problem = (chunkId: string, serverId: string) =>
  database.sql(`INSERT INTO replica_problems (chunk_id, server_id, kind) VALUES ($1, $2, 'damaged')`, [
    chunkId,
    serverId,
  ]);

test('a placed replica takes the place of another, which is queued, and what was wrong with either is forgotten', async () => {
  const { chunkId } = await storedChunk();
  await problem(chunkId, 'n0');
  const replica = { chunkId, serverId: 'n7' };
  assert.equal(await metadata.claimReplica(replica, 60_000), 'claimed');
  assert.equal(await metadata.placeReplica(replica, 'n0'), true);
  assert.deepEqual(await listed(chunkId), ['n7', 'n1']);
  assert.deepEqual(await queued(), ['n0']);
  assert.equal(await claims(), 0);
  assert.deepEqual(await database.sql('SELECT FROM replica_problems'), []);
});

test('without another to replace, a placed replica comes last; one that was listed before stays where it was', async () => {
  const { chunkId } = await storedChunk();
  for (const serverId of ['n7', 'n0']) {
    await metadata.claimReplica({ chunkId, serverId }, 60_000);
    assert.equal(await metadata.placeReplica({ chunkId, serverId }, undefined), true);
  }
  assert.deepEqual(await listed(chunkId), ['n0', 'n1', 'n7']);
  assert.deepEqual(await queued(), []);
});

test('a replica without a claim, or in place of one that is not listed any more, is not placed but queued', async () => {
  const { chunkId } = await storedChunk();
  assert.equal(await metadata.placeReplica({ chunkId, serverId: 'n7' }, undefined), false);
  await metadata.claimReplica({ chunkId, serverId: 'n8' }, 60_000);
  assert.equal(await metadata.placeReplica({ chunkId, serverId: 'n8' }, 'n5'), false);
  assert.deepEqual(await listed(chunkId), ['n0', 'n1']);
  assert.deepEqual(await queued(), ['n7', 'n8']);
  assert.equal(await claims(), 0);
});

test('a replica of a file that was deleted meanwhile is queued for deletion', async () => {
  const { fileId, chunkId } = await storedChunk();
  const replica = { chunkId, serverId: 'n7' };
  await metadata.claimReplica(replica, 60_000);
  await metadata.deleteFile(fileId);
  assert.equal(await metadata.placeReplica(replica, 'n0'), false);
  assert.ok((await queued()).includes('n7'));
  assert.equal(await metadata.claimReplica(replica, 60_000), 'gone');
});

test('of a move and a deletion at the same moment, whichever comes second knows of the first: no replica is forgotten', async () => {
  for (let round = 0; round < 20; round++) {
    const { fileId, chunkId } = await storedChunk();
    const replica = { chunkId, serverId: 'n7' };
    await metadata.claimReplica(replica, 60_000);
    await Promise.all([metadata.placeReplica(replica, 'n0'), metadata.deleteFile(fileId)]);
    const rows = await database.sql<{ server_id: string }>(
      'SELECT server_id FROM chunk_deletions WHERE chunk_id = $1 ORDER BY server_id',
      [chunkId],
    );
    assert.deepEqual(
      rows.map((row) => row.server_id),
      ['n0', 'n1', 'n7'],
    );
  }
});

test('of many moves of one replica at once, one takes effect and the other copies are queued', async () => {
  const { chunkId } = await storedChunk();
  const targets = ['n5', 'n6', 'n7', 'n8'];
  await Promise.all(targets.map((serverId) => metadata.claimReplica({ chunkId, serverId }, 60_000)));
  const placed = await Promise.all(targets.map((serverId) => metadata.placeReplica({ chunkId, serverId }, 'n0')));
  assert.equal(placed.filter(Boolean).length, 1);
  const servers = (await listed(chunkId)) ?? [];
  assert.equal(servers.length, 2);
  assert.deepEqual([...(await queued()), ...servers].sort(), ['n0', 'n1', ...targets]);
});

test('one replica is claimed by one at a time, until the lease is over', async () => {
  const { chunkId } = await storedChunk();
  const replica = { chunkId, serverId: 'n7' };
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => metadata.claimReplica(replica, 60_000)));
  assert.deepEqual(outcomes.sort(), ['busy', 'busy', 'busy', 'claimed']);
  assert.equal(await metadata.renewClaim(replica, -1), true);
  assert.equal(await metadata.claimReplica(replica, 60_000), 'claimed');
});

test('a replica whose deletion may be under way cannot be claimed; a deletion that nobody has begun is taken back', async () => {
  const { chunkId } = await storedChunk();
  const replica = { chunkId, serverId: 'n7' };
  await database.sql(`INSERT INTO chunk_deletions (chunk_id, server_id) VALUES ($1, 'n7')`, [chunkId]);
  assert.deepEqual(await metadata.takeDueDeletions(10, 60_000), [replica]);
  assert.equal(await metadata.claimReplica(replica, 60_000), 'busy');
  await database.sql('UPDATE chunk_deletions SET not_before = now()');
  assert.equal(await metadata.claimReplica(replica, 60_000), 'claimed');
  assert.deepEqual(await queued(), []);
});

test('a claim and the taking of the deletion of the same replica never both succeed', async () => {
  for (let round = 0; round < 30; round++) {
    const { chunkId } = await storedChunk();
    await database.sql(`INSERT INTO chunk_deletions (chunk_id, server_id) VALUES ($1, 'n7')`, [chunkId]);
    const [claim, taken] = await Promise.all([
      metadata.claimReplica({ chunkId, serverId: 'n7' }, 60_000),
      metadata.takeDueDeletions(10, 60_000),
    ]);
    assert.ok(claim === 'busy' || taken.length === 0, `claim: ${claim}, taken: ${taken.length}`);
    await database.sql('TRUNCATE chunk_deletions');
  }
});

test('a deletion that is queued and taken while a claim waits for another is seen by the claim', async () => {
  const { chunkId } = await storedChunk();
  const replica = { chunkId, serverId: 'n7' };
  await metadata.claimReplica(replica, 60_000);
  await metadata.placeReplica(replica, undefined);
  await metadata.claimReplica(replica, -1);
  await database.sql('BEGIN');
  await database.sql('SELECT FROM replica_claims FOR UPDATE');
  const claim = metadata.claimReplica(replica, 60_000);
  const waiting = () =>
    database.sql('SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))');
  await until('the claim waits', async () => (await waiting()).length > 0);
  assert.equal(await metadata.dropReplica(replica, ['n0', 'n1']), true);
  assert.deepEqual(await metadata.takeDueDeletions(10, 60_000), [replica]);
  await database.sql('COMMIT');
  assert.equal(await claim, 'busy');
  assert.equal(await claims(), 0);
  assert.deepEqual(await queued(), ['n7']);
});

test('what is claimed is not handed out for deletion', async () => {
  const { chunkId } = await storedChunk();
  await metadata.claimReplica({ chunkId, serverId: 'n7' }, 60_000);
  await database.sql(`INSERT INTO chunk_deletions (chunk_id, server_id) VALUES ($1, 'n7')`, [chunkId]);
  assert.deepEqual(await metadata.takeDueDeletions(10, 60_000), []);
});

test('a copy that no row lists is not deleted while a replica that is listed is in doubt', async () => {
  const { chunkId } = await storedChunk();
  await database.sql(`INSERT INTO storage_servers (server_id, grpc_address) VALUES ('n1', 'a:1')`);
  await database.sql(`INSERT INTO chunk_deletions (chunk_id, server_id) VALUES ($1, 'n7')`, [chunkId]);
  await problem(chunkId, 'n0');
  assert.deepEqual(await metadata.takeDueDeletions(10, 60_000), []);
  await database.sql('DELETE FROM replica_problems');
  await database.sql(`UPDATE storage_servers SET status = 'inactive'`);
  assert.deepEqual(await metadata.takeDueDeletions(10, 60_000), []);
  await database.sql(`UPDATE storage_servers SET status = 'active'`);
  assert.equal((await metadata.takeDueDeletions(10, 60_000)).length, 1);
});

test('an abandoned claim, and one that ran out, queue the replica unless its row lists it', async () => {
  const { chunkId } = await storedChunk();
  for (const serverId of ['n0', 'n7']) {
    await metadata.claimReplica({ chunkId, serverId }, 60_000);
    await metadata.abandonReplica({ chunkId, serverId });
  }
  assert.deepEqual(await queued(), ['n7']);
  for (const serverId of ['n1', 'n8']) await metadata.claimReplica({ chunkId, serverId }, -1);
  await metadata.claimReplica({ chunkId, serverId: 'n9' }, 60_000);
  assert.equal(await metadata.expireClaims(10), 2);
  assert.deepEqual(await queued(), ['n7', 'n8']);
  assert.equal(await claims(), 1);
});

test('a surplus replica is dropped only while those that are kept are listed and without a known problem', async () => {
  const { chunkId } = await storedChunk();
  await metadata.claimReplica({ chunkId, serverId: 'n7' }, 60_000);
  await metadata.placeReplica({ chunkId, serverId: 'n7' }, undefined);
  const surplus = { chunkId, serverId: 'n0' };
  assert.equal(await metadata.dropReplica(surplus, []), false);
  assert.equal(await metadata.dropReplica(surplus, ['n1', 'n5']), false);
  await problem(chunkId, 'n7');
  assert.equal(await metadata.dropReplica(surplus, ['n1', 'n7']), false);
  await database.sql('DELETE FROM replica_problems');
  assert.equal(await metadata.dropReplica(surplus, ['n1', 'n7']), true);
  assert.deepEqual(await listed(chunkId), ['n1', 'n7']);
  assert.deepEqual(await queued(), ['n0']);
  assert.equal(await metadata.dropReplica(surplus, ['n1', 'n7']), false);
});
