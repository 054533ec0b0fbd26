import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { storeFile, testMetadata } from './test-database.ts';

const { database, metadata } = await testMetadata();
beforeEach(async () => {
  await database.sql('TRUNCATE files, chunk_deletions, storage_servers CASCADE');
});

/** Replicas that are queued, the first the longest. */
async function queue(howMany: number, attempts = 0, serverId = 'n0'): Promise<string[]> {
  const chunkIds = Array.from({ length: howMany }, () => randomUUID());
  await database.sql(
    `INSERT INTO chunk_deletions (chunk_id, server_id, attempts, not_before)
     SELECT id, $2, $3, now() - interval '1 hour' + n * interval '1 second'
     FROM unnest($1::uuid[]) WITH ORDINALITY AS c (id, n)`,
    [chunkIds, serverId, attempts],
  );
  return chunkIds;
}

const left = async () => (await database.sql('SELECT FROM chunk_deletions')).length;

test('the oldest deletions are taken first, and not again while they are leased', async () => {
  const chunkIds = await queue(5);
  const first = await metadata.takeDueDeletions(3, 60_000);
  assert.deepEqual(first.map((replica) => replica.chunkId).sort(), chunkIds.slice(0, 3).sort());
  assert.equal((await metadata.takeDueDeletions(10, 60_000)).length, 2);
  assert.deepEqual(await metadata.takeDueDeletions(10, 60_000), []);
});

test('a deletion that was not carried out comes up again, each time after twice as long', async () => {
  await queue(1);
  const waits: number[] = [];
  for (let attempt = 0; attempt < 9; attempt++) {
    assert.equal((await metadata.takeDueDeletions(1, 60_000)).length, 1);
    const [row] = await database.sql<{ minutes: string }>(
      `SELECT round(extract(epoch FROM not_before - now()) / 60) AS minutes FROM chunk_deletions`,
    );
    waits.push(Number(row?.minutes));
    await database.sql('UPDATE chunk_deletions SET not_before = now()');
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
});

test('deletions that are done are forgotten', async () => {
  await queue(3);
  const taken = await metadata.takeDueDeletions(2, 60_000);
  await metadata.deletionsDone(taken);
  assert.equal(await left(), 1);
  await metadata.deletionsDone([]);
});

test('gateways that work at once share no deletion', async () => {
  await queue(100);
  const taken = await Promise.all([1, 2, 3, 4].map(() => metadata.takeDueDeletions(25, 60_000)));
  const ids = taken.flat().map((replica) => replica.chunkId);
  assert.equal(new Set(ids).size, ids.length);
});

test('a replica that a file counts on is never handed out for deletion', async () => {
  const { chunks } = await storeFile(metadata);
  const chunkId = chunks[0]?.chunkId ?? '';
  await database.sql(`INSERT INTO chunk_deletions (chunk_id, server_id) VALUES ($1, 'n0'), ($1, 'n1'), ($1, 'n5')`, [
    chunkId,
  ]);
  assert.deepEqual(await metadata.takeDueDeletions(10, 60_000), [{ chunkId, serverId: 'n5' }]);
  assert.equal(await left(), 1);
});

test('deletions at a server that is unknown or removed are given up after ten attempts, at a known one never', async () => {
  await database.sql(`INSERT INTO storage_servers (server_id, grpc_address, status)
    VALUES ('n1', 'a:1', 'inactive'), ('n2', 'a:2', 'removed')`);
  await queue(1, 9, 'unknown');
  await queue(1, 10, 'unknown');
  await queue(1, 10, 'n1');
  await queue(1, 10, 'n2');
  const servers = (await metadata.takeDueDeletions(10, 60_000)).map((replica) => replica.serverId);
  assert.deepEqual(servers.sort(), ['n1', 'unknown']);
  assert.equal(await left(), 2);
});

test('deletions that are given up do not stand in the way of those behind them', async () => {
  await queue(25, 10, 'gone');
  await database.sql(`UPDATE chunk_deletions SET not_before = not_before - interval '1 hour'`);
  const behind = await queue(15);
  const taken = await metadata.takeDueDeletions(10, 60_000);
  assert.deepEqual(taken.map((replica) => replica.chunkId).sort(), behind.slice(0, 10).sort());
  assert.equal((await metadata.takeDueDeletions(10, 60_000)).length, 5);
  assert.equal(await left(), 15);
});

test('what is to be deleted on a server that is back is due soon, and elsewhere when it was', async () => {
  await queue(1, 5, 'n0');
  await queue(1, 5, 'n1');
  await queue(1, 0, 'n0');
  await metadata.takeDueDeletions(2, 60_000);
  await metadata.hastenDeletions(['n0'], 60_000);
  const rows = await database.sql<{ minutes: string }>(
    `SELECT round(extract(epoch FROM not_before - now()) / 60) AS minutes FROM chunk_deletions ORDER BY not_before`,
  );
  assert.deepEqual(
    rows.map((row) => Number(row.minutes)),
    [-60, 1, 32],
  );
});
