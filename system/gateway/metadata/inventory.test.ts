import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { reservationOf, storeFile, testMetadata } from './test-database.ts';

const FIRST = '00000000-0000-0000-0000-000000000000';
const { database, metadata } = await testMetadata();
beforeEach(async () => {
  await database.sql('TRUNCATE files, chunk_deletions, replica_claims, orphans CASCADE');
});

const storedChunks = async () => (await storeFile(metadata)).chunks.map((chunk) => chunk.chunkId);
const age = (seconds: number) =>
  database.sql(`UPDATE orphans SET first_seen_at = first_seen_at - $1 * interval '1 second'`, [seconds]);
const queued = async () =>
  (await database.sql<{ chunk_id: string }>('SELECT chunk_id FROM chunk_deletions')).map((row) => row.chunk_id);

test('completed chunks come in order and in pages, and their replicas are added up', async () => {
  const chunkIds = (await storedChunks()).sort();
  await metadata.reserve(reservationOf());
  const first = await metadata.chunksAfter(FIRST, 4);
  const rest = await metadata.chunksAfter(first.at(-1)?.chunkId ?? '', 4);
  assert.deepEqual(
    [...first, ...rest].map((chunk) => chunk.chunkId),
    chunkIds,
  );
  assert.equal(await metadata.replicaBytes(), 1_200);
});

test('the chunks of one server are those that list it, without those whose replica there is known to be bad', async () => {
  const chunkIds = await storedChunks();
  const onFirst = [chunkIds[0] ?? '', chunkIds[5] ?? ''].sort();
  const on = async (after = FIRST, until?: string) =>
    (await metadata.chunksOn('n0', after, until, 100)).map((chunk) => chunk.chunkId);
  assert.deepEqual(await on(), onFirst);
  assert.deepEqual(await on(onFirst[0]), onFirst.slice(1));
  assert.deepEqual(await on(FIRST, onFirst[0]), onFirst.slice(0, 1));
  await metadata.recordProblems([{ chunkId: onFirst[1] ?? '', serverId: 'n0', kind: 'absent' }]);
  assert.deepEqual(await on(), onFirst.slice(0, 1));
});

test('of the chunks found on a server, those that are completed and do not list it are told', async () => {
  const chunkIds = await storedChunks();
  const uploading = reservationOf();
  await metadata.reserve(uploading);
  const found = [...chunkIds.slice(0, 3), randomUUID(), uploading.chunks[3]?.chunkId ?? ''];
  const unlisted = await metadata.chunksNotOn('n0', found);
  assert.deepEqual(unlisted.map((chunk) => chunk.chunkId).sort(), chunkIds.slice(1, 3).sort());
});

test('an orphan is queued once the grace is over since it was first seen, and not before', async () => {
  const orphan = randomUUID();
  assert.deepEqual(await metadata.noteOrphans('n0', [orphan], 60_000), { waiting: 1, queued: 0 });
  assert.deepEqual(await metadata.noteOrphans('n0', [orphan], 60_000), { waiting: 1, queued: 0 });
  await age(61);
  assert.deepEqual(await metadata.noteOrphans('n0', [orphan], 60_000), { waiting: 0, queued: 1 });
  assert.deepEqual(await queued(), [orphan]);
  assert.deepEqual(await metadata.noteOrphans('n0', [orphan], 60_000), { waiting: 0, queued: 0 });
});

test('what a row lists, in whatever state, is claimed, or is queued already, is no orphan, however long it was one', async () => {
  const [stored = ''] = await storedChunks();
  const [moving = ''] = await storedChunks();
  const uploading = reservationOf();
  await metadata.reserve(uploading);
  const uploaded = uploading.chunks[0]?.chunkId ?? '';
  const deleted = randomUUID();
  const found = [stored, uploaded, moving, deleted];
  await database.sql(
    `INSERT INTO orphans (chunk_id, server_id, first_seen_at) SELECT unnest($1::uuid[]), s, now() - interval '1 day'
     FROM unnest(ARRAY['n0', 'n4']) AS s`,
    [found],
  );
  await metadata.claimReplica({ chunkId: moving, serverId: 'n4' }, 60_000);
  await database.sql(`INSERT INTO chunk_deletions (chunk_id, server_id) VALUES ($1, 'n0'), ($1, 'n4')`, [deleted]);
  assert.deepEqual(await metadata.noteOrphans('n0', found, 0), { waiting: 0, queued: 0 });
  assert.deepEqual(await metadata.noteOrphans('n4', [moving, deleted], 0), { waiting: 0, queued: 0 });
});

test('an orphan that was not found again is forgotten', async () => {
  const [gone, stays] = [randomUUID(), randomUUID()];
  await metadata.noteOrphans('n0', [gone, stays], 60_000);
  await database.sql(`UPDATE orphans SET last_seen_at = now() - interval '1 minute'`);
  const { nowMs } = await metadata.jobState('census');
  await metadata.noteOrphans('n0', [stays], 60_000);
  await metadata.forgetOrphans('n0', nowMs);
  assert.deepEqual(await database.sql('SELECT chunk_id FROM orphans'), [{ chunk_id: stays }]);
});
