import assert from 'node:assert/strict';
import { test } from 'node:test';
import { membershipOf, type ServerRecord } from './membership.ts';
import { Placement } from './placement.ts';
import { Ring, VIRTUAL_NODES_PER_SERVER } from './ring.ts';
import { RING_SIZE, ringHash } from './ring-hash.ts';

const TiB = 1024 ** 4;

function server(index: number, changes: Partial<ServerRecord> = {}): ServerRecord {
  return {
    serverId: `node-${index}`,
    grpcAddress: `127.0.0.1:${50_051 + index}`,
    status: 'active',
    availableBytes: TiB,
    usedBytes: 0,
    totalBytes: TiB,
    heartbeatAgeMs: 0,
    ...changes,
  };
}

function placementOf(servers: ServerRecord[], isReachable = (_serverId: string) => true): Placement {
  const placement = new Placement(6, isReachable);
  placement.update(membershipOf(servers));
  return placement;
}

const six = Array.from({ length: 6 }, (_, index) => server(index));

test('the position of a text on the ring never changes', () => {
  // Another value would move every chunk of every existing cluster.
  assert.equal(ringHash('node-0#0'), 3_277_694_654_191_187);
  assert.equal(ringHash(''), 2_104_044_613_003_755);
  assert.ok(ringHash('x') < RING_SIZE);
});

test('a server has 150 virtual nodes, and one with twice the disk has twice as many', () => {
  const ring = new Ring([
    ...[0, 1, 2].map((index) => ({ serverId: `n${index}`, capacityBytes: TiB })),
    { serverId: 'big', capacityBytes: 2 * TiB },
  ]);
  const count = (serverId: string) => ring.points.filter((point) => point.serverId === serverId).length;
  assert.equal(count('n0'), VIRTUAL_NODES_PER_SERVER);
  assert.equal(count('big'), 2 * VIRTUAL_NODES_PER_SERVER);
});

test('when a server joins the ring, keys move only to it, and no more than its share', () => {
  const members = six.map(({ serverId, totalBytes }) => ({ serverId, capacityBytes: totalBytes }));
  const before = new Ring(members);
  const after = new Ring([...members, { serverId: 'node-6', capacityBytes: TiB }]);
  const first = (ring: Ring, key: string) => ring.walk(key).next().value;
  const keys = Array.from({ length: 10_000 }, (_, index) => `key-${index}`);
  const moved = keys.filter((key) => first(before, key) !== first(after, key));
  assert.ok(moved.every((key) => first(after, key) === 'node-6'));
  assert.ok(moved.length < (keys.length / 7) * 1.3, `${moved.length} of ${keys.length} keys moved`);
});

test('while six servers are healthy, a file has its six chunks on six servers, for every rank of replicas', () => {
  const placement = placementOf(six);
  for (let file = 0; file < 1_000; file++) {
    const chosen = placement.choose(`file-${file}`, 1_000, 2, 2) ?? [];
    assert.equal(chosen.length, 6);
    for (const rank of [0, 1]) assert.equal(new Set(chosen.map((servers) => servers[rank])).size, 6);
    for (const servers of chosen) assert.equal(new Set(servers).size, 2);
  }
});

for (const [nodes, replicas] of [
  [1, 1],
  [2, 2],
  [3, 2],
  [5, 3],
  [6, 6],
  [7, 2],
  [9, 2],
  [9, 3],
  [20, 2],
] as const) {
  test(`with ${nodes} servers, ${replicas} replicas of a chunk lie on different servers, spread evenly over a file`, () => {
    const placement = placementOf(Array.from({ length: nodes }, (_, index) => server(index)));
    for (let file = 0; file < 200; file++) {
      const chosen = placement.choose(`file-${file}`, 1_000, replicas, replicas) ?? [];
      assert.equal(chosen.length, 6);
      for (const servers of chosen) assert.equal(new Set(servers).size, replicas);
      const primaries = chosen.map((servers) => servers[0]);
      assert.equal(new Set(primaries).size, Math.min(6, nodes));
    }
  });
}

test('10,000 chunks on nine equal servers fill them evenly: fullest and emptiest differ by less than 10 % of the mean', () => {
  const nine = Array.from({ length: 9 }, (_, index) => server(index));
  const placement = placementOf(nine);
  const stored = new Map<string, number>();
  for (let file = 0; file < 1_667; file++) {
    for (const serverId of (placement.choose(`file-${file}`, 1_000_000, 2, 2) ?? []).flat()) {
      stored.set(serverId, (stored.get(serverId) ?? 0) + 1);
    }
  }
  const counts = [...stored.values()];
  const mean = counts.reduce((sum, count) => sum + count, 0) / 9;
  assert.equal(counts.length, 9);
  assert.ok((Math.max(...counts) - Math.min(...counts)) / mean < 0.1, `${counts}`);
});

test('servers that are inactive, draining, full or unreachable get no new chunks', () => {
  const servers = [
    server(0, { status: 'inactive' }),
    server(1, { status: 'draining' }),
    server(2, { availableBytes: 1_000_000 }),
    server(3),
    server(4),
    server(5),
  ];
  const placement = placementOf(servers, (serverId) => serverId !== 'node-3');
  const used = new Set((placement.choose('file', 1_000, 2, 2) ?? []).flat());
  assert.deepEqual([...used].sort(), ['node-4', 'node-5']);
});

test('fewer servers than the least number of replicas is refused, and fewer than wanted is used', () => {
  const placement = placementOf([server(0)]);
  assert.equal(placement.choose('file', 1_000, 2, 2), undefined);
  assert.deepEqual(placement.choose('file', 1_000, 2, 1)?.[5], ['node-0']);
});

test('a replacement for a replica is a server that is not to be avoided', () => {
  const placement = placementOf(six);
  const avoid = new Set(['node-0', 'node-1', 'node-2', 'node-3', 'node-4']);
  assert.equal(placement.chooseAnother('chunk', 1_000, avoid), 'node-5');
  assert.equal(placement.chooseAnother('chunk', 1_000, new Set([...avoid, 'node-5'])), undefined);
});
