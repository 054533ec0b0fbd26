/** The job that moves replicas, on a real database and nodes in memory. */
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { systemClock as clock } from '../common/clock.ts';
import { noFailpoints } from '../common/failpoint.ts';
import { createLogger } from '../common/log.ts';
import { systemRandom as random } from '../common/random.ts';
import { Rebalance } from './maintenance/rebalance.ts';
import type { PgMetadata } from './metadata/connect.ts';
import { commitOf, connectTo, createTestDatabase, reservationOf, type TestDatabase } from './metadata/test-database.ts';
import { FramePool } from './objects/frame-pool.ts';
import { MemoryNodes } from './objects/memory-nodes.fixture.ts';

const CHUNK_BYTES = 100;

let database: TestDatabase;
let metadata: PgMetadata;
let otherGateway: PgMetadata;
before(async () => {
  database = await createTestDatabase();
  metadata = await connectTo(database.url);
  otherGateway = await connectTo(database.url);
});
beforeEach(async () => {
  await database.sql('TRUNCATE storage_servers, files, chunk_deletions, replica_claims, job_state CASCADE');
});
after(async () => {
  await metadata[Symbol.asyncDispose]();
  await otherGateway[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function join(...serverIds: string[]): Promise<void> {
  await database.sql(
    `INSERT INTO storage_servers (server_id, grpc_address, available_space, total_space, last_heartbeat)
     SELECT id, id || ':1', 1000000000, 1000000000, now() FROM unnest($1::text[]) AS id`,
    [serverIds],
  );
}

/** A store with files, each chunk with a replica on two of its servers, spread evenly, as uploads would place them. */
async function storeWith(files: number, servers = 6) {
  const nodes = new MemoryNodes();
  await join(...Array.from({ length: servers }, (_, index) => `n${index}`));
  for (let file = 0; file < files; file++) {
    const chunks = [0, 1, 2, 3, 4, 5].map((chunkNumber) => {
      const at = chunkNumber + file;
      return {
        chunkId: randomUUID(),
        chunkNumber,
        serverIds: [at, at + 1 + (file % (servers - 1))].map((n) => `n${n % servers}`),
      };
    });
    const reservation = reservationOf({ chunks });
    await metadata.reserve(reservation);
    const commit = commitOf(reservation);
    const written = commit.chunks.map((chunk) => {
      const data = Buffer.alloc(CHUNK_BYTES, chunk.chunkId);
      for (const serverId of chunk.serverIds) nodes.chunks.set(`${serverId}/${chunk.chunkId}`, data);
      return { ...chunk, sizeBytes: CHUNK_BYTES, sha256: createHash('sha256').update(data).digest('hex') };
    });
    await metadata.commit({ ...commit, chunks: written });
  }
  return nodes;
}

function rebalanceOn(nodes: MemoryNodes, gateway = metadata, drainNoticeMs = 0) {
  const moved: number[] = [];
  const left: number[] = [];
  const job = new Rebalance({
    metadata: gateway,
    operations: gateway,
    nodes,
    pool: new FramePool(8, clock),
    clock,
    random,
    log: createLogger('test', 'silent'),
    replicas: 2,
    drainNoticeMs,
    failpoints: noFailpoints,
    workLeaseMs: 60_000,
    onReplicaFailure: () => undefined,
    onMoved: (bytes) => void moved.push(bytes),
    onLeft: (bytes) => void left.push(bytes),
    onDeletionsQueued: () => undefined,
    onRemoved: () => undefined,
  });
  return { job, moved, left, run: () => job.run(new AbortController().signal) };
}

const setStatus = (serverId: string, status: string) =>
  database.sql('UPDATE storage_servers SET status = $2 WHERE server_id = $1', [serverId, status]);
const heldBy = async () =>
  new Map((await metadata.serverReports()).map(({ serverId, replicas }) => [serverId, replicas]));

/** Every chunk has two replicas, on different servers, and both are on their nodes. */
async function assertWhole(nodes: MemoryNodes): Promise<void> {
  const chunks = await database.sql<{ chunk_id: string; storage_server_id: string; replica_server_ids: string[] }>(
    'SELECT chunk_id, storage_server_id, replica_server_ids FROM chunks',
  );
  for (const { chunk_id: chunkId, storage_server_id: primary, replica_server_ids: servers } of chunks) {
    assert.equal(servers[0], primary);
    assert.equal(new Set(servers).size, 2, `${chunkId} lies on ${servers}`);
    for (const serverId of servers) assert.ok(nodes.chunks.has(`${serverId}/${chunkId}`), `${chunkId} on ${serverId}`);
  }
}

test('servers that join are filled by moves alone, no more than are needed, and what is left behind is queued', async () => {
  const nodes = await storeWith(60);
  await join('n6', 'n7', 'n8');
  const { run, moved } = rebalanceOn(nodes);
  assert.equal(await run(), 'done');
  const held = await heldBy();
  const mean = 720 / 9;
  for (const [serverId, replicas] of held)
    assert.ok(Math.abs(replicas - mean) <= mean * 0.1, `${serverId}: ${replicas}`);
  assert.ok(moved.length <= (720 / 3) * 1.2, `${moved.length} moves`);
  await assertWhole(nodes);
  const [queued] = await database.sql('SELECT count(*) AS n FROM chunk_deletions');
  assert.equal(Number(queued?.['n']), moved.length);
  const progress = await rebalanceOn(nodes, otherGateway).job.progress();
  assert.deepEqual([progress.state, progress.movedChunks], ['idle', moved.length]);
  assert.equal(progress.movedBytes, moved.length * CHUNK_BYTES);
});

test('servers that are even enough are left alone, unless an operator asks', async () => {
  const nodes = await storeWith(70, 7);
  await database.sql(`UPDATE storage_servers SET total_space = 1060000000 WHERE server_id = 'n0'`);
  const { job, run, moved } = rebalanceOn(nodes);
  await run();
  assert.equal(moved.length, 0);
  job.force();
  await run();
  assert.ok(moved.length > 0 && moved.length < 10, `${moved.length} moves`);
});

test('a drained server ends empty and removed, and no other server loses or doubles a chunk', async () => {
  const nodes = await storeWith(40);
  await join('n6');
  await setStatus('n2', 'draining');
  const { run } = rebalanceOn(nodes);
  await run();
  const [report] = await metadata.serverReports('n2');
  assert.deepEqual([report?.status, report?.replicas], ['removed', 0]);
  await assertWhole(nodes);
});

test('what is left to move falls while a server is emptied, and is nothing once the run is over, however it ends', async () => {
  const nodes = await storeWith(60);
  await setStatus('n2', 'draining');
  const stop = new AbortController();
  const heldBytes = ((await heldBy()).get('n2') ?? 0) * CHUNK_BYTES;
  const stopped = rebalanceOn(nodes);
  nodes.beforeWrite = async () => stop.abort(new Error('this gateway stops'));
  await assert.rejects(stopped.job.run(stop.signal), /stops/);
  assert.equal(stopped.left[0], heldBytes);
  assert.equal(stopped.left.at(-1), 0);
  nodes.beforeWrite = async () => undefined;
  const { run, left } = rebalanceOn(nodes, otherGateway);
  await run();
  assert.ok(left.length > 2 && (left[0] ?? 0) > 0);
  assert.deepEqual(
    left,
    left.toSorted((a, b) => b - a),
  );
  assert.equal(left.at(-1), 0);
});

test('a drain waits for every gateway to notice it, and for an upload that counts on the server', async () => {
  const nodes = await storeWith(1);
  await setStatus('n2', 'draining');
  const patient = rebalanceOn(nodes, metadata, 60_000);
  await patient.run();
  assert.deepEqual(await heldBy().then((held) => held.get('n2')), 0);
  assert.equal(patient.job.isWaiting, true);
  const upload = reservationOf();
  await metadata.reserve(upload);
  const { job, run } = rebalanceOn(nodes);
  await run();
  assert.equal((await metadata.serverReports('n2'))[0]?.status, 'draining');
  assert.equal(job.isWaiting, true);
  await metadata.cancel(upload.sessionId);
  await run();
  assert.equal((await metadata.serverReports('n2'))[0]?.status, 'removed');
  assert.equal(job.isWaiting, false);
});

test('a draining server that has died is emptied from the other replicas', async () => {
  const nodes = await storeWith(20);
  await setStatus('n2', 'draining');
  for (const key of nodes.chunksOn('n2')) nodes.chunks.delete(key);
  await rebalanceOn(nodes).run();
  assert.equal((await metadata.serverReports('n2'))[0]?.status, 'removed');
  await assertWhole(nodes);
});

test('a drain that was ended by an operator leaves the rest where it is', async () => {
  const nodes = await storeWith(20);
  await setStatus('n2', 'draining');
  await setStatus('n2', 'active');
  const { run, moved } = rebalanceOn(nodes);
  await run();
  assert.equal(moved.length, 0);
  assert.ok(((await heldBy()).get('n2') ?? 0) > 0);
});

test('a chunk that cannot be moved now stays, and goes the next time', async () => {
  const nodes = await storeWith(10);
  await setStatus('n2', 'draining');
  for (const serverId of ['n0', 'n1', 'n3', 'n4', 'n5']) {
    nodes.misbehaving.set(serverId, { failWriteAfterBytes: 0, kind: 'full' });
  }
  const { job, run } = rebalanceOn(nodes);
  await run();
  assert.equal((await metadata.serverReports('n2'))[0]?.status, 'draining');
  assert.ok((await job.progress()).failedMoves > 0);
  await assertWhole(nodes);
  nodes.misbehaving.clear();
  await run();
  assert.equal((await metadata.serverReports('n2'))[0]?.status, 'removed');
  await assertWhole(nodes);
});

test('another gateway goes on where one stopped in the middle', async () => {
  const nodes = await storeWith(60);
  await setStatus('n2', 'draining');
  const stop = new AbortController();
  nodes.beforeWrite = async () => {
    const [report] = await otherGateway.serverReports('n2');
    if (report !== undefined && report.replicas <= 110) stop.abort(new Error('this gateway stops'));
  };
  await assert.rejects(rebalanceOn(nodes).job.run(stop.signal), /stops/);
  const left = (await heldBy()).get('n2') ?? 0;
  assert.ok(left > 0 && left <= 110, `${left} are left`);
  nodes.beforeWrite = async () => undefined;
  await rebalanceOn(nodes, otherGateway).run();
  assert.equal((await metadata.serverReports('n2'))[0]?.status, 'removed');
  await assertWhole(nodes);
});
