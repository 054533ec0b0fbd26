import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { membershipOf, type ServerId } from './membership.ts';
import { Placement } from './placement.ts';
import { type Move, type PlacedChunk, RebalancePlan, type ServerFill } from './rebalance-plan.ts';

const TiB = 1024 ** 4;
const CHUNKS = 6;
const spreading = { chunksPerFile: CHUNKS, replicas: 2 };

/** A cluster as metadata would tell of it: every chunk with the servers of its replicas, which moves change. */
class Cluster {
  readonly capacities = new Map<ServerId, number>();
  readonly leaving = new Set<ServerId>();
  readonly files: { chunkId: string; sizeBytes: number; serverIds: ServerId[] }[][] = [];
  replicas = 2;
  movedBytes = 0;

  add(index: number, capacityBytes = TiB): void {
    this.capacities.set(`node-${index}`, capacityBytes);
  }

  /** Files as uploads place them. */
  fill(files: number, chunkBytes: (file: number) => number, replicas: number): void {
    const placement = new Placement(CHUNKS, () => true);
    placement.update(
      membershipOf(
        [...this.capacities].map(([serverId, totalBytes]) => ({
          serverId,
          grpcAddress: '',
          status: 'active',
          availableBytes: totalBytes,
          usedBytes: 0,
          totalBytes,
          heartbeatAgeMs: 0,
        })),
      ),
    );
    this.replicas = replicas;
    for (let file = 0; file < files; file++) {
      const sizeBytes = chunkBytes(file);
      const chosen = placement.choose(`file-${file}`, sizeBytes, replicas, 1) ?? [];
      this.files.push(
        chosen.map((serverIds, number) => ({ chunkId: `${(file * 7919) % files}/${number}`, sizeBytes, serverIds })),
      );
    }
  }

  fills(): ServerFill[] {
    const bytes = new Map<ServerId, number>();
    for (const { serverIds, sizeBytes } of this.files.flat()) {
      for (const serverId of serverIds) bytes.set(serverId, (bytes.get(serverId) ?? 0) + sizeBytes);
    }
    return [...this.capacities].map(([serverId, capacityBytes]) => ({
      serverId,
      isLeaving: this.leaving.has(serverId),
      capacityBytes,
      replicaBytes: bytes.get(serverId) ?? 0,
      roomBytes: capacityBytes - (bytes.get(serverId) ?? 0),
    }));
  }

  plan(): RebalancePlan {
    return new RebalancePlan(this.fills(), { ...spreading, replicas: this.replicas });
  }

  /** Plans and carries out, page by page, until nothing is left to be moved. */
  rebalance(): void {
    const plan = this.plan();
    const exhausted = new Set<ServerId>();
    for (let donor = plan.donor(); donor !== undefined; donor = plan.donor(exhausted)) {
      for (const page of this.pagesOf(donor)) this.carryOut(plan.moves(donor, page));
      exhausted.add(donor);
    }
  }

  *pagesOf(serverId: ServerId, pageLength = 64): Generator<PlacedChunk[]> {
    const on = this.files
      .flatMap((file) => file.map((chunk) => ({ file, chunk })))
      .filter(({ chunk }) => chunk.serverIds.includes(serverId))
      .sort((a, b) => (a.chunk.chunkId < b.chunk.chunkId ? -1 : 1));
    for (let at = 0; at < on.length; at += pageLength) {
      yield on.slice(at, at + pageLength).map(({ file, chunk }) => ({
        ...chunk,
        serverIds: [...chunk.serverIds],
        siblings: file
          .filter((other) => other !== chunk)
          .map(({ chunkId, serverIds }) => ({ chunkId, serverIds: [...serverIds] })),
      }));
    }
  }

  carryOut(moves: readonly Move[]): void {
    const stored = new Map(this.files.flat().map((chunk) => [chunk.chunkId, chunk]));
    for (const { chunk, from, to, order } of moves) {
      const kept = stored.get(chunk.chunkId);
      assert.ok(kept !== undefined);
      assert.ok(kept.serverIds.includes(from) && !kept.serverIds.includes(to), `${chunk.chunkId} cannot move`);
      const inPlace = kept.serverIds.map((serverId) => (serverId === from ? to : serverId));
      assert.deepEqual((order ?? inPlace).toSorted(), inPlace.toSorted());
      kept.serverIds = [...(order ?? inPlace)];
      this.movedBytes += chunk.sizeBytes;
    }
  }

  /** The fullest and the emptiest server that stays, in parts of the share that its capacity gives it. */
  extremes(): { fullest: number; emptiest: number } {
    const staying = this.fills().filter(({ isLeaving }) => !isLeaving);
    const total = this.fills().reduce((sum, { replicaBytes }) => sum + replicaBytes, 0);
    const capacity = staying.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0);
    const ratios = staying.map(
      ({ replicaBytes, capacityBytes }) => replicaBytes / ((total * capacityBytes) / capacity),
    );
    return { fullest: Math.max(...ratios), emptiest: Math.min(...ratios) };
  }

  filesOnFewerThanSixPrimaries(): number {
    return this.files.filter((file) => new Set(file.map(({ serverIds }) => serverIds[0])).size < CHUNKS).length;
  }

  totalBytes(): number {
    return this.fills().reduce((sum, { replicaBytes }) => sum + replicaBytes, 0);
  }
}

function clusterOf(nodes: number): Cluster {
  const cluster = new Cluster();
  for (let index = 0; index < nodes; index++) cluster.add(index);
  return cluster;
}

/** Sizes as files have them: most small, some large. */
const mixed = (file: number) => 1_000 + ((file * 7_907) % 13) * 700;

test('six nodes become nine with 10,000 chunks: all within 10 % of the mean, no more than 1.2 x the ideal moved', () => {
  const cluster = clusterOf(6);
  cluster.fill(1_667, mixed, 2);
  for (const index of [6, 7, 8]) cluster.add(index);
  cluster.rebalance();
  const { fullest, emptiest } = cluster.extremes();
  const ideal = cluster.totalBytes() / 3;
  assert.ok(fullest <= 1.05 && emptiest >= 0.95, `${fullest} ${emptiest}`);
  assert.ok(cluster.movedBytes <= 1.2 * ideal, `${cluster.movedBytes / ideal} x the ideal`);
  assert.equal(cluster.filesOnFewerThanSixPrimaries(), 0);
});

test('nine nodes become six with 10,000 chunks: the three that leave are empty, the six are even', () => {
  const cluster = clusterOf(9);
  cluster.fill(1_667, mixed, 2);
  for (const index of [1, 4, 7]) cluster.leaving.add(`node-${index}`);
  const ideal = cluster
    .fills()
    .filter(({ isLeaving }) => isLeaving)
    .reduce((sum, { replicaBytes }) => sum + replicaBytes, 0);
  cluster.rebalance();
  for (const { isLeaving, replicaBytes } of cluster.fills()) assert.equal(isLeaving, replicaBytes === 0);
  const { fullest, emptiest } = cluster.extremes();
  assert.ok(fullest <= 1.05 && emptiest >= 0.95, `${fullest} ${emptiest}`);
  assert.ok(cluster.movedBytes <= 1.2 * ideal, `${cluster.movedBytes / ideal} x the ideal`);
  const crowded = cluster.filesOnFewerThanSixPrimaries() / cluster.files.length;
  assert.ok(crowded < 0.1, `${crowded} of the files have not six primaries`);
});

test('what is even already is left alone', () => {
  const cluster = clusterOf(9);
  cluster.fill(1_667, () => 1_000, 2);
  const plan = cluster.plan();
  assert.ok(plan.spread < 0.08);
  assert.equal(plan.donor(), undefined);
});

test('a server with twice the disk gets twice the bytes', () => {
  const cluster = clusterOf(12);
  cluster.fill(500, mixed, 2);
  cluster.add(12, 2 * TiB);
  cluster.rebalance();
  const { fullest, emptiest } = cluster.extremes();
  assert.ok(fullest <= 1.05 && emptiest >= 0.95, `${fullest} ${emptiest}`);
});

test('a server with a larger disk gets no more than one chunk in six: six chunks stay on six servers', () => {
  const cluster = clusterOf(6);
  cluster.fill(500, () => 1_000, 2);
  cluster.add(6, 4 * TiB);
  cluster.rebalance();
  const large = cluster.fills().find(({ serverId }) => serverId === 'node-6');
  const part = (large?.replicaBytes ?? 0) / cluster.totalBytes();
  assert.ok(part > 0.16 && part <= 1 / 6, `${part}`);
  assert.equal(cluster.filesOnFewerThanSixPrimaries(), 0);
});

test('a server without room is given nothing', () => {
  const fill = { isLeaving: false, capacityBytes: TiB, roomBytes: TiB };
  const servers = [
    { ...fill, serverId: 'full', replicaBytes: 1_000 },
    { ...fill, serverId: 'tight', replicaBytes: 0, roomBytes: 99 },
  ];
  const plan = new RebalancePlan(servers, { ...spreading, replicas: 1 });
  const chunk = { chunkId: 'c', sizeBytes: 100, serverIds: ['full'], siblings: [] };
  assert.deepEqual(plan.moves('full', [chunk]), []);
});

test('a move that failed counts no more', () => {
  const fill = { isLeaving: false, capacityBytes: TiB, roomBytes: TiB };
  const servers = [
    { ...fill, serverId: 'full', replicaBytes: 1_000 },
    { ...fill, serverId: 'empty', replicaBytes: 0 },
  ];
  const plan = new RebalancePlan(servers, { ...spreading, replicas: 1 });
  const chunk = { chunkId: 'c', sizeBytes: 300, serverIds: ['full'], siblings: [] };
  const [move] = plan.moves('full', [chunk]);
  assert.ok(move !== undefined);
  assert.equal(plan.leftBytes, 200);
  plan.undo(move);
  assert.equal(plan.leftBytes, 500);
  assert.equal(plan.donor(), 'full');
});

test('whatever the cluster: no chunk twice on a server, nothing given to servers that leave, the spread never grows, and planning ends', () => {
  const clusters = fc.record({
    nodes: fc.integer({ min: 1, max: 9 }),
    joining: fc.integer({ min: 0, max: 3 }),
    leaving: fc.integer({ min: 0, max: 4 }),
    replicas: fc.integer({ min: 1, max: 3 }),
    files: fc.integer({ min: 0, max: 40 }),
    capacities: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 12, maxLength: 12 }),
    sizes: fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 40 }),
  });
  fc.assert(
    fc.property(clusters, ({ nodes, joining, leaving, replicas, files, capacities, sizes }) => {
      const cluster = new Cluster();
      const join = (index: number) => cluster.add(index, (capacities[index] ?? 1) * TiB);
      for (let index = 0; index < nodes; index++) join(index);
      cluster.fill(files, (file) => sizes[file % sizes.length] ?? 1, Math.min(replicas, nodes));
      for (let index = nodes; index < nodes + joining; index++) join(index);
      for (let index = 0; index < Math.min(leaving, nodes - 1); index++) cluster.leaving.add(`node-${index}`);
      const spread = cluster.plan().spread;
      cluster.rebalance();
      for (const { serverIds } of cluster.files.flat()) assert.equal(new Set(serverIds).size, serverIds.length);
      const staying = nodes + joining - cluster.leaving.size;
      if (staying >= Math.min(replicas, nodes)) {
        for (const { isLeaving, replicaBytes } of cluster.fills()) assert.ok(!isLeaving || replicaBytes === 0);
      }
      if (cluster.leaving.size > 0) return;
      assert.ok(cluster.plan().spread <= spread + 1e-9, `${cluster.plan().spread} > ${spread}`);
    }),
    { numRuns: 200 },
  );
});
