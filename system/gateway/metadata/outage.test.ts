import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Clock, systemClock } from '../../common/clock.ts';
import { StoreError } from '../objects/errors.ts';
import type { PgMetadata } from './connect.ts';
import { FaultyProxy } from './faulty-proxy.ts';
import {
  commitOf,
  connectTo,
  createTestDatabase,
  reservationOf,
  storeFile,
  type TestDatabase,
} from './test-database.ts';
import { until } from './until.ts';

let database: TestDatabase;
let proxy: FaultyProxy;
let metadata: PgMetadata;
const limits = { poolMin: 3, poolMax: 8, statementTimeoutMs: 300, connectTimeoutMs: 500 };
/** Of one call at its slowest: connecting, the statement, what the client waits longer than the server, and slack. */
const callLimitMs = 500 + 300 + 500 + 1_000;

let pauses = 0;
/** Ten times as fast, so that what gives up after seconds does so in a test. Counts the pauses before repetitions. */
const hurriedClock: Clock = {
  nowMs: () => systemClock.nowMs(),
  monotonicMs: () => systemClock.monotonicMs() * 10,
  after: (delayMs, callback) => {
    pauses++;
    return systemClock.after(delayMs / 10, callback);
  },
  every: (intervalMs, callback) => systemClock.every(intervalMs / 10, callback),
};

before(async () => {
  database = await createTestDatabase();
});
after(async () => {
  await database[Symbol.asyncDispose]();
});
beforeEach(async (context) => {
  const [thisProxy, thisMetadata] = await behindProxy();
  proxy = thisProxy;
  metadata = thisMetadata;
  (context as { after(f: () => Promise<void>): void }).after(async () => {
    await thisMetadata[Symbol.asyncDispose]();
    await thisProxy[Symbol.asyncDispose]();
  });
});

async function behindProxy(): Promise<[FaultyProxy, PgMetadata]> {
  const faulty = await FaultyProxy.before(database.url);
  return [faulty, await connectTo(faulty.url, limits, { clock: hurriedClock })];
}

/** Every kind of call at once; each with what became of it and how long that took. */
function callEverything(): Promise<{ name: string; ms: number; outcome: unknown }[]> {
  const [reservation, other] = [reservationOf(), reservationOf()];
  const calls: Record<string, () => Promise<unknown>> = {
    reserve: () => metadata.reserve(reservation),
    file: () => metadata.file(reservation.fileId),
    list: () => metadata.listFiles(1, 10, undefined),
    cancel: () => metadata.cancel(other.sessionId),
    delete: () => metadata.deleteFile(other.fileId),
    servers: () => metadata.servers(),
    saveRing: () => metadata.saveRing([]),
    expire: () => metadata.expireSessions(1),
    lock: () => metadata.withJobLock('some job', async () => {}),
    ping: () => metadata.ping(),
  };
  const threefold = Object.entries(calls).flatMap((call) => [call, call, call]);
  return Promise.all(
    threefold.map(async ([name, call]) => {
      const startedMs = performance.now();
      const outcome = await call().then(
        () => 'done',
        (error) => error,
      );
      return { name, ms: performance.now() - startedMs, outcome };
    }),
  );
}

async function assertEverythingFailsWithin(limitMs: number): Promise<void> {
  for (const { name, ms, outcome } of await callEverything()) {
    assert.ok(outcome instanceof StoreError, `${name} gave ${outcome}`);
    assert.equal(outcome.code, 'DatabaseUnavailable', name);
    assert.ok(ms < limitMs, `${name} took ${ms} ms`);
  }
}

async function assertEverythingWorks(): Promise<void> {
  await until('the database answers', () =>
    metadata.ping().then(
      () => true,
      () => false,
    ),
  );
  for (const { name, outcome } of await callEverything()) assert.equal(outcome, 'done', `${name} gave ${outcome}`);
}

/** Connections of this pool that the server knows of. */
async function serverSide(): Promise<number> {
  const rows = await database.sql(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sextant-gateway'`,
  );
  return rows.length;
}

async function assertNothingLeaks(): Promise<void> {
  await until('every connection is idle', () => metadata.connections().idle === metadata.connections().total);
  assert.ok(metadata.connections().total <= limits.poolMax);
  assert.equal(metadata.connections().waiting, 0);
  await until('the server has the connections of the pool and no others', async () => {
    return (await serverSide()) === metadata.connections().total;
  });
}

test('while connections are refused every call fails at once, and all work again when the database is back', async () => {
  await proxy.refuse();
  await assertEverythingFailsWithin(1_000);
  await proxy.accept();
  await assertEverythingWorks();
  await assertNothingLeaks();
});

test('while the network is silent every call fails within its deadline, and all work again afterwards', async () => {
  proxy.stall();
  await assertEverythingFailsWithin(callLimitMs);
  proxy.resume();
  await assertEverythingWorks();
  await assertNothingLeaks();
});

test('while it is silent a client is refused within two seconds, however long a statement may take', async () => {
  await using patient = await connectTo(proxy.url, { poolMin: 2, poolMax: 4 });
  await until('the pool is warm', () => patient.connections().idle === 2);
  proxy.stall();
  const reservation = reservationOf();
  const calls = [
    () => patient.file(reservation.fileId),
    () => patient.listFiles(1, 10, undefined),
    () => patient.deleteFile(reservation.fileId),
    () => patient.reserve(reservation),
    () => patient.saveRing([]),
  ];
  // The first are answered by old connections, by new ones and by none that is free; the last know already.
  for (const together of [calls, calls]) {
    const sinceMs = performance.now();
    const outcomes = await Promise.allSettled(together.map((call) => call()));
    assert.ok(performance.now() - sinceMs < 2_000, `${performance.now() - sinceMs} ms`);
    for (const outcome of outcomes) {
      assert.ok(outcome.status === 'rejected' && outcome.reason instanceof StoreError, String(outcome));
      assert.equal(outcome.reason.code, 'DatabaseUnavailable');
    }
  }
  proxy.cut();
  proxy.resume();
  await until('the database answers', () =>
    patient.ping().then(
      () => true,
      () => false,
    ),
  );
  const late = await database.sql('SELECT FROM files WHERE file_id = $1', [reservation.fileId]);
  assert.equal(late.length, 0, 'what was refused is done all the same');
});

test('connections that break under concurrent calls leak nothing', async () => {
  for (const sends of [1, 5, 10, 20, 30]) {
    proxy.cutAfter(sends);
    const calls = callEverything();
    for (const { name, outcome } of await calls) {
      assert.ok(
        outcome === 'done' || (outcome instanceof StoreError && outcome.code === 'DatabaseUnavailable'),
        `${name} gave ${outcome}`,
      );
    }
  }
  await assertEverythingWorks();
  await assertNothingLeaks();
});

test('idle connections that break do not end the process, and the pool fills up to its minimum again', async () => {
  await until('the pool is warm', () => metadata.connections().idle >= limits.poolMin);
  proxy.cut();
  await until('the pool has noticed', () => metadata.connections().total === 0);
  await until('the pool is warm again', () => metadata.connections().idle >= limits.poolMin);
});

test('connections that break while the pool is being filled do not end the process', async () => {
  await until('the pool is warm', () => metadata.connections().idle >= limits.poolMin);
  proxy.silenceBeyond(limits.poolMin - 1);
  proxy.cut();
  await until('all but one are open', () => proxy.connections === limits.poolMin);
  await until('the server has them', async () => (await serverSide()) === limits.poolMin - 1);
  proxy.silenceBeyond(Number.POSITIVE_INFINITY);
  proxy.cut();
  await until('the pool is warm again', () => metadata.connections().idle >= limits.poolMin);
});

test('a commit whose answer was lost is found to have happened', async () => {
  const reservation = reservationOf();
  await metadata.reserve(reservation);
  proxy.loseAnswerTo('commit_');
  assert.equal((await metadata.commit(commitOf(reservation)))?.fileId, reservation.fileId);
});

test('a reservation whose answer was lost exists once', async () => {
  const reservation = reservationOf();
  proxy.loseAnswerTo('reserve_');
  await metadata.reserve(reservation);
  const rows = await database.sql('SELECT FROM upload_sessions WHERE file_id = $1', [reservation.fileId]);
  assert.equal(rows.length, 1);
});

test('a commit outlasts a short outage', async () => {
  const reservation = reservationOf();
  await metadata.reserve(reservation);
  await proxy.refuse();
  const pausesBefore = pauses;
  const commit = metadata.commit(commitOf(reservation));
  await until('the commit was refused twice', () => pauses >= pausesBefore + 2);
  await proxy.accept();
  assert.equal((await commit)?.uploadStatus, 'completed');
});

test('a commit that never reached the database did not happen; one that may have is of unknown outcome', async () => {
  const [unsent, lost] = [reservationOf(), reservationOf()];
  await metadata.reserve(unsent);
  await metadata.reserve(lost);
  proxy.loseAnswerTo('commit_', 'andRefuse');
  const code = (promise: Promise<unknown>) =>
    promise.then(
      () => 'done',
      (error: StoreError) => error.code,
    );
  assert.equal(await code(metadata.commit(commitOf(lost))), 'OutcomeUnknown');
  await until('the pool has noticed', () => metadata.connections().total === 0);
  assert.equal(await code(metadata.commit(commitOf(unsent))), 'DatabaseUnavailable');
});

test('a deletion whose answer was lost is not repeated, and fails', async () => {
  const { fileId } = await storeFile(metadata);
  proxy.loseAnswerTo('delete_file_');
  await assert.rejects(
    metadata.deleteFile(fileId),
    (error) => error instanceof StoreError && error.code === 'DatabaseUnavailable',
  );
  await until('the file is gone', async () => (await metadata.file(fileId)) === undefined);
});

test('a job learns that its lock is lost when the network falls silent', async () => {
  const result = await metadata.withJobLock('cleanup', async (lost) => {
    proxy.stall();
    await until('the job is told', () => lost.aborted);
    return 'stopped';
  });
  assert.equal(result, 'stopped');
  proxy.resume();
  await assertEverythingWorks();
  await assertNothingLeaks();
});

test('a client that waits for more than the statement timeout is told by the server, and the connection is given up', async () => {
  const reservation = await storeFile(metadata);
  await database.sql('BEGIN');
  await database.sql('SELECT FROM files WHERE file_id = $1 FOR UPDATE', [reservation.fileId]);
  await assert.rejects(
    metadata.deleteFile(reservation.fileId),
    (error) => error instanceof StoreError && error.code === 'DatabaseUnavailable',
  );
  await database.sql('ROLLBACK');
  assert.equal((await metadata.deleteFile(reservation.fileId))?.length, 12);
  await assertNothingLeaks();
});
