import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { reservationOf, storeFile, testMetadata } from './test-database.ts';
import { until } from './until.ts';

const FIRST = '00000000-0000-0000-0000-000000000000';
const HEALTHY = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'];
const { database, metadata } = await testMetadata();
beforeEach(async () => {
  await database.sql('TRUNCATE files, job_state CASCADE');
});

/** Ids of a file's chunks; chunk i lies on n<i> and the next. */
async function storedChunks(): Promise<string[]> {
  return (await storeFile(metadata)).chunks.map((chunk) => chunk.chunkId);
}

async function inDoubt(healthy = HEALTHY, replicas = 2) {
  return (await metadata.chunksInDoubt(FIRST, 1_000, healthy, replicas)).chunks;
}

test('chunks whose replicas all lie on healthy servers are in no doubt', async () => {
  await storedChunks();
  assert.deepEqual(await inDoubt(), []);
});

test('a chunk on a server that is not healthy, with too few or too many replicas, or with a problem is in doubt', async () => {
  const chunkIds = await storedChunks();
  const ids = async (...args: Parameters<typeof inDoubt>) => (await inDoubt(...args)).map((chunk) => chunk.chunkId);
  assert.deepEqual(await ids(HEALTHY.slice(1)), [chunkIds[0] ?? '', chunkIds[5] ?? ''].sort());
  assert.equal((await ids(HEALTHY, 3)).length, 6);
  assert.equal((await ids(HEALTHY, 1)).length, 6);
  await metadata.recordProblems([{ chunkId: chunkIds[2] ?? '', serverId: 'n3', kind: 'damaged' }]);
  const [chunk, ...others] = await inDoubt();
  assert.deepEqual(others, []);
  assert.equal(chunk?.chunkId, chunkIds[2]);
  assert.deepEqual([...(chunk?.problems ?? [])], [['n3', 'damaged']]);
  assert.deepEqual(chunk?.serverIds, ['n2', 'n3']);
  assert.deepEqual(chunk?.siblingServerIds.toSorted(), HEALTHY);
  assert.deepEqual([chunk?.sizeBytes, chunk?.sha256, chunk?.failure], [100, 'cd'.repeat(32), undefined]);
});

test('pages of chunks in doubt follow one another without a gap and end', async () => {
  for (let file = 0; file < 3; file++) await storedChunks();
  const seen: string[] = [];
  let pages = 0;
  for (let at: string | undefined = FIRST; at !== undefined; pages++) {
    const page = await metadata.chunksInDoubt(at, 4, [], 2);
    seen.push(...page.chunks.map((chunk) => chunk.chunkId));
    at = page.nextAfter;
  }
  assert.equal(new Set(seen).size, 18);
  assert.deepEqual(seen, seen.toSorted());
  assert.equal(pages, 5);
  assert.deepEqual(await metadata.chunksInDoubt(FIRST, 4, HEALTHY, 2), { chunks: [], nextAfter: seen[3] });
});

test('chunks of unfinished uploads, and rows of other programs that cannot be verified, are left alone', async () => {
  await metadata.reserve(reservationOf());
  const fileId = randomUUID();
  await database.sql(`INSERT INTO files (file_id, filename, upload_status) VALUES ($1, 'x', 'completed')`, [fileId]);
  await database.sql(
    `INSERT INTO chunks (file_id, chunk_number, storage_server_id, status) VALUES ($1, 0, 'n9', 'completed')`,
    [fileId],
  );
  assert.deepEqual(await inDoubt([]), []);
});

test('a problem is recorded once, and only while the row of a completed chunk lists the replica', async () => {
  const [chunkId = ''] = await storedChunks();
  const [uploading] = reservationOf().chunks;
  const problem = { chunkId, serverId: 'n0', kind: 'absent' } as const;
  const foreign = { ...problem, serverId: 'n5' };
  const unknown = { ...problem, chunkId: uploading?.chunkId ?? '' };
  assert.equal(await metadata.recordProblems([problem, problem, foreign, unknown]), 1);
  assert.equal(await metadata.recordProblems([problem]), 0);
  assert.deepEqual(await metadata.countProblems(), { absent: 1, damaged: 0 });
  assert.equal(await metadata.recordProblems([{ ...problem, kind: 'damaged' }]), 1);
  assert.deepEqual(await metadata.countProblems(), { absent: 0, damaged: 1 });
});

test('a chunk whose repair failed comes up again after a time that doubles, up to sixteen times the first', async () => {
  const [chunkId = ''] = await storedChunks();
  const waits: number[] = [];
  for (let attempt = 0; attempt < 7; attempt++) {
    await metadata.repairFailed(chunkId, { isLost: true, reason: 'gone' }, 60_000);
    assert.deepEqual(await inDoubt([]).then((chunks) => chunks.filter((chunk) => chunk.chunkId === chunkId)), []);
    const [row] = await database.sql<{ minutes: string }>(
      'SELECT round(extract(epoch FROM not_before - now()) / 60) AS minutes FROM chunk_repairs',
    );
    waits.push(Number(row?.minutes));
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 16, 16]);
  await database.sql('UPDATE chunk_repairs SET not_before = now()');
  assert.deepEqual(
    (await inDoubt()).map((chunk) => chunk.failure),
    [{ isLost: true }],
  );
  await metadata.repairDone(chunkId);
  assert.deepEqual(await inDoubt(), []);
});

test('lost chunks are counted and listed with their files, until the file is deleted', async () => {
  const { fileId, chunks } = await storeFile(metadata);
  for (const { chunkId } of chunks) await metadata.repairFailed(chunkId, { isLost: true, reason: 'no copy' }, 60_000);
  await metadata.repairFailed(chunks[5]?.chunkId ?? '', { isLost: false, reason: 'no room' }, 60_000);
  const { total, chunks: listed } = await metadata.lostChunks(2);
  assert.equal(total, 5);
  assert.equal(listed.length, 2);
  assert.deepEqual([listed[0]?.fileId, listed[0]?.reason, listed[0]?.attempts], [fileId, 'no copy', 1]);
  await metadata.deleteFile(fileId);
  assert.deepEqual(await metadata.lostChunks(2), { total: 0, chunks: [] });
});

test('the state of a job is what was saved last, beside the time of the database', async () => {
  const before = await metadata.jobState('scrub');
  assert.equal(before.state, undefined);
  await metadata.saveJobState('scrub', { after: 'a' });
  await metadata.saveJobState('scrub', { after: 'b' });
  const after = await metadata.jobState<{ after: string }>('scrub');
  assert.deepEqual(after.state, { after: 'b' });
  assert.ok(after.updatedAtMs >= before.nowMs && after.nowMs >= after.updatedAtMs);
});

test('what is found wrong with a chunk whose file is being deleted is forgotten with it, and is no error', async () => {
  const [going = '', stays = ''] = [await storedChunks(), await storedChunks()].map(([first]) => first);
  await database.sql('BEGIN');
  await database.sql('DELETE FROM files WHERE file_id = (SELECT file_id FROM chunks WHERE chunk_id = $1)', [going]);
  const found = [going, stays].map((chunkId) => ({ chunkId, serverId: 'n0', kind: 'damaged' as const }));
  const recorded = Promise.all([
    metadata.recordProblems(found),
    metadata.repairFailed(going, { isLost: true, reason: 'no good replica' }, 1_000),
  ]);
  const waiting = async () => {
    await database.sql('SELECT pg_stat_clear_snapshot()'); // A transaction sees what it saw first.
    return database.sql(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`);
  };
  await until('both wait for the deletion', async () => (await waiting()).length === 2);
  await database.sql('COMMIT');
  assert.equal((await recorded)[0], 1);
  assert.deepEqual(await database.sql('SELECT chunk_id FROM replica_problems'), [{ chunk_id: stays }]);
});
