import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import type { PgMetadata } from './connect.ts';
import { connectTo, createTestDatabase, type TestDatabase } from './test-database.ts';

let database: TestDatabase;
let metadata: PgMetadata;
let otherGateway: PgMetadata;
before(async () => {
  database = await createTestDatabase();
  metadata = await connectTo(database.url);
  otherGateway = await connectTo(database.url);
});
after(async () => {
  await metadata[Symbol.asyncDispose]();
  await otherGateway[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

test('a job runs on one gateway at a time; another job is not held up', async () => {
  const result = await metadata.withJobLock('cleanup', async () => [
    await otherGateway.withJobLock('cleanup', async () => 'ran'),
    await metadata.withJobLock('cleanup', async () => 'ran'),
    await otherGateway.withJobLock('repair', async () => 'ran'),
  ]);
  assert.deepEqual(result, [undefined, undefined, 'ran']);
});

test('the lock is free again after the job, also when the job failed', async () => {
  await metadata.withJobLock('cleanup', async () => {});
  await assert.rejects(
    metadata.withJobLock('cleanup', () => Promise.reject(new Error('broken job'))),
    /broken job/,
  );
  assert.equal(await otherGateway.withJobLock('cleanup', async () => 'ran'), 'ran');
});

test('a job learns that its lock was lost with the connection, and no connection leaks', async () => {
  const outcome = await metadata.withJobLock('cleanup', async (lost) => {
    assert.equal(lost.aborted, false);
    const aborted = once(lost, 'abort', { signal: AbortSignal.timeout(2_000) });
    await database.sql(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
    await aborted;
    return otherGateway.withJobLock('cleanup', async () => 'the other gateway took over');
  });
  assert.equal(outcome, 'the other gateway took over');
  const { total, idle } = metadata.connections();
  assert.equal(total, idle);
});
