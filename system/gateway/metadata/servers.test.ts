import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { PgMetadata } from './connect.ts';
import { connectTo, createTestDatabase, type TestDatabase } from './test-database.ts';

let database: TestDatabase;
let metadata: PgMetadata;
before(async () => {
  database = await createTestDatabase();
  metadata = await connectTo(database.url);
});
beforeEach(async () => {
  await database.sql('TRUNCATE storage_servers, hash_ring_nodes');
});
after(async () => {
  await metadata[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const heartbeatOf = (serverId: string) => ({
  serverId,
  grpcAddress: `${serverId}:50051`,
  availableBytes: 8_000_000_000_000_000,
  usedBytes: 5,
  totalBytes: 9_000_000_000_000_000,
});

test('a heartbeat announces a server, and a later one replaces its figures', async () => {
  assert.equal(await metadata.heartbeat(heartbeatOf('n1')), 'active');
  assert.equal(await metadata.heartbeat({ ...heartbeatOf('n1'), grpcAddress: 'moved:1', usedBytes: 6 }), 'active');
  const [server, ...others] = await metadata.servers();
  assert.deepEqual(others, []);
  assert.ok(server?.heartbeatAgeMs !== null && server !== undefined && server.heartbeatAgeMs < 10_000);
  const expected = { ...heartbeatOf('n1'), grpcAddress: 'moved:1', usedBytes: 6, status: 'active' };
  assert.deepEqual({ ...server, heartbeatAgeMs: 0 }, { ...expected, heartbeatAgeMs: 0 });
});

test('a heartbeat wakes an inactive server and leaves every other status as it is', async () => {
  const after = [];
  for (const status of ['active', 'inactive', 'draining', 'maintenance', 'removed']) {
    await metadata.heartbeat(heartbeatOf('n1'));
    await database.sql('UPDATE storage_servers SET status = $1', [status]);
    after.push(await metadata.heartbeat(heartbeatOf('n1')));
  }
  assert.deepEqual(after, ['active', 'active', 'draining', 'maintenance', 'removed']);
});

test('a removed server is not listed', async () => {
  await metadata.heartbeat(heartbeatOf('n1'));
  await metadata.heartbeat(heartbeatOf('n2'));
  await database.sql(`UPDATE storage_servers SET status = 'removed' WHERE server_id = 'n1'`);
  assert.deepEqual(
    (await metadata.servers()).map((server) => server.serverId),
    ['n2'],
  );
});

test('only active servers whose heartbeat is too old become inactive', async () => {
  for (const id of ['fresh', 'silent', 'draining']) await metadata.heartbeat(heartbeatOf(id));
  await database.sql(`UPDATE storage_servers SET last_heartbeat = now() - interval '31 s' WHERE server_id <> 'fresh'`);
  await database.sql(`UPDATE storage_servers SET status = 'draining' WHERE server_id = 'draining'`);
  assert.deepEqual(await metadata.markInactive(30_000), ['silent']);
  assert.deepEqual(await metadata.markInactive(30_000), []);
});

test('a server that an operator inserted and that never spoke has no age, and becomes inactive in time', async () => {
  await database.sql(`INSERT INTO storage_servers (server_id, grpc_address, status, available_space, used_space, last_heartbeat)
    VALUES ('n1', 'a:1', 'active', 1, 0, NULL)`);
  assert.equal((await metadata.servers())[0]?.heartbeatAgeMs, null);
  assert.deepEqual(await metadata.markInactive(30_000), []);
  await database.sql(`UPDATE storage_servers SET created_at = now() - interval '31 s'`);
  assert.deepEqual(await metadata.markInactive(30_000), ['n1']);
});

const ring = (servers: string[], shift = 0n) =>
  servers.flatMap((serverId) =>
    Array.from({ length: 150 }, (_, virtualNodeIndex) => ({
      serverId,
      virtualNodeIndex,
      hashValue: 2n ** 63n - 1n - BigInt(virtualNodeIndex) - shift,
    })),
  );

async function savedRing(): Promise<string[]> {
  const rows = await database.sql<{ point: string }>(
    `SELECT server_id || ' ' || virtual_node_index || ' ' || hash_value AS point FROM hash_ring_nodes`,
  );
  return rows.map((row) => row.point).sort();
}

const named = (points: ReturnType<typeof ring>) =>
  points.map((point) => `${point.serverId} ${point.virtualNodeIndex} ${point.hashValue}`).sort();

test('the saved ring is the one that was given, with hashes up to 63 bits', async () => {
  for (const points of [ring(['a', 'b']), ring(['b', 'c'], 7n), []]) {
    await metadata.saveRing(points);
    assert.deepEqual(await savedRing(), named(points));
  }
});

test('gateways that save different rings at once leave one of them, whole', async () => {
  const rings = [ring(['a', 'b', 'c']), ring(['b', 'c', 'd'], 1n), ring(['c', 'a'], 2n)];
  for (let round = 0; round < 5; round++) {
    await Promise.all(rings.map((points) => metadata.saveRing(points)));
    const saved = JSON.stringify(await savedRing());
    assert.ok(
      rings.some((points) => JSON.stringify(named(points)) === saved),
      'the ring is a mixture',
    );
  }
});
