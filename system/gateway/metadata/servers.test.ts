import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Heartbeat, ServerHolder } from '../objects/server-registry.ts';
import { connectTo, createTestDatabase, testMetadata } from './test-database.ts';

const { database, metadata } = await testMetadata();
beforeEach(async () => {
  await database.sql('TRUNCATE storage_servers, hash_ring_nodes');
});

const heartbeatOf = (serverId: string, changes: Partial<Heartbeat> = {}): Heartbeat => ({
  serverId,
  grpcAddress: `${serverId}:50051`,
  instanceId: undefined,
  clusterId: undefined,
  availableBytes: 8_000_000_000_000_000,
  usedBytes: 5,
  totalBytes: 9_000_000_000_000_000,
  ...changes,
});
const announce = (serverId: string, changes: Partial<Heartbeat> = {}, replaced?: ServerHolder) =>
  metadata.heartbeat(heartbeatOf(serverId, changes), 30_000, replaced);

test('a heartbeat announces a server, and a later one replaces its figures', async () => {
  assert.deepEqual(await announce('n1'), { taken: 'active' });
  assert.deepEqual(await announce('n1', { usedBytes: 6 }), { taken: 'active' });
  const [server, ...others] = await metadata.servers();
  assert.deepEqual(others, []);
  assert.ok(server?.heartbeatAgeMs !== null && server !== undefined && server.heartbeatAgeMs < 10_000);
  const { instanceId: _, clusterId: __, ...figures } = heartbeatOf('n1', { usedBytes: 6 });
  assert.deepEqual({ ...server, heartbeatAgeMs: 0 }, { ...figures, status: 'active', heartbeatAgeMs: 0 });
});

test('a heartbeat wakes an inactive server, and leaves one that is draining or in maintenance as it is', async () => {
  const after = [];
  for (const status of ['active', 'inactive', 'draining', 'maintenance']) {
    await announce('n1');
    await database.sql('UPDATE storage_servers SET status = $1', [status]);
    after.push(await announce('n1'));
  }
  assert.deepEqual(
    after,
    ['active', 'active', 'draining', 'maintenance'].map((taken) => ({ taken })),
  );
});

test('a server that was removed cannot announce itself', async () => {
  await announce('n1');
  await database.sql(`UPDATE storage_servers SET status = 'removed', last_heartbeat = now() - interval '1 day'`);
  const heldBy = { status: 'removed', grpcAddress: 'n1:50051', instanceId: undefined };
  assert.deepEqual(await announce('n1', { grpcAddress: 'elsewhere:1' }), { heldBy });
});

test('an id belongs to the process and the address that were heard of last, until they are silent or replaced', async () => {
  const first = { grpcAddress: 'a:1', instanceId: 'first' };
  const second = { grpcAddress: 'b:1', instanceId: 'second' };
  const heldByFirst = { heldBy: { ...first, status: 'active' } };
  await announce('n1', first);
  assert.deepEqual(await announce('n1', second), heldByFirst);
  assert.deepEqual(await announce('n1', { ...second, grpcAddress: 'a:1' }), heldByFirst);
  assert.deepEqual(await announce('n1', { ...first, grpcAddress: 'b:1' }), heldByFirst);
  assert.deepEqual(await announce('n1', first), { taken: 'active' });
  const other: ServerHolder = { status: 'active', grpcAddress: 'c:1', instanceId: 'first' };
  assert.deepEqual(await announce('n1', second, other), heldByFirst);
  assert.deepEqual(await announce('n1', second, heldByFirst.heldBy as ServerHolder), { taken: 'active' });
  assert.deepEqual(await announce('n1', first), { heldBy: { ...second, status: 'active' } });
  await database.sql(`UPDATE storage_servers SET last_heartbeat = now() - interval '31 s'`);
  assert.deepEqual(await announce('n1', first), { taken: 'active' });
});

test('a node that tells no process is known by its address', async () => {
  await announce('n1', { instanceId: 'first' });
  assert.deepEqual(await announce('n1'), { taken: 'active' });
  assert.deepEqual(await announce('n1', { instanceId: 'second' }), { taken: 'active' });
  const elsewhere = await announce('n1', { grpcAddress: 'b:1' });
  assert.ok('heldBy' in elsewhere);
});

test('the membership has another version after each change that gateways must hear of, and only then', async () => {
  const versions: number[] = [];
  const note = async () => versions.push(await metadata.membershipVersion());
  await note();
  await announce('n1');
  await note();
  await announce('n1', { usedBytes: 7 });
  await note();
  await database.sql(`UPDATE storage_servers SET status = 'draining'`);
  await note();
  await database.sql(`UPDATE storage_servers SET grpc_address = 'moved:1'`);
  await note();
  await database.sql('DELETE FROM storage_servers');
  await note();
  const grew = versions.slice(1).map((version, index) => version - (versions[index] ?? 0));
  assert.deepEqual(grew, [1, 0, 1, 1, 1]);
});

test('every gateway on a database is of the same cluster, and another database is another cluster', async () => {
  await using otherDatabase = await createTestDatabase();
  await using elsewhere = await connectTo(otherDatabase.url);
  await using beside = await connectTo(database.url);
  const clusterId = await metadata.clusterId();
  assert.match(clusterId, /^[0-9a-f-]{36}$/);
  assert.equal(await beside.clusterId(), clusterId);
  assert.notEqual(await elsewhere.clusterId(), clusterId);
});

test('a drain has a beginning, also when an operator began it by hand, and loses it when it ends', async () => {
  const began = () => database.sql('SELECT drain_started_at FROM storage_servers');
  await announce('n1');
  await database.sql(`UPDATE storage_servers SET status = 'draining'`);
  const [first] = await began();
  assert.ok(first?.['drain_started_at'] instanceof Date);
  await announce('n1');
  await database.sql(`UPDATE storage_servers SET status = 'draining'`);
  assert.deepEqual(await began(), [first]);
  await database.sql(`UPDATE storage_servers SET status = 'active'`);
  assert.deepEqual(await began(), [{ drain_started_at: null }]);
});

test('a removed server is not listed', async () => {
  await announce('n1');
  await announce('n2');
  await database.sql(`UPDATE storage_servers SET status = 'removed' WHERE server_id = 'n1'`);
  assert.deepEqual(
    (await metadata.servers()).map((server) => server.serverId),
    ['n2'],
  );
});

test('only active servers whose heartbeat is too old become inactive', async () => {
  for (const id of ['fresh', 'silent', 'draining']) await announce(id);
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
