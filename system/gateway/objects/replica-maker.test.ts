import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MiB } from '../../common/bytes.ts';
import type { Clock } from '../../common/clock.ts';
import { noFailpoints } from '../../common/failpoint.ts';
import { createLogger } from '../../common/log.ts';
import { systemRandom as random } from '../../common/random.ts';
import { BytePace } from './byte-pace.ts';
import { inPieces, memoryStore, numbered } from './files.fixture.ts';
import type { NodeFailureKind } from './ports.ts';
import { replaceReplica } from './replica-maker.ts';

const signal = new AbortController().signal;

/** A stored file's first chunk, on two of eight nodes, and a maker of replicas. */
async function storedChunk(bytes = 3 * MiB) {
  const memory = memoryStore({ nodes: 8 });
  const { nodes, metadata, pool, clock } = memory;
  const named = { filename: 'a', contentType: 'b', declaredBytes: bytes };
  const { fileId } = await memory.files.write(named, inPieces(numbered(bytes)), signal);
  const [chunk] = (await memory.files.completed(fileId)).chunks;
  assert.ok(chunk !== undefined);
  const target = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => `node-${n}`).find((id) => !chunk.serverIds.includes(id)) ?? '';
  const onReplicaFailure = () => undefined;
  const log = createLogger('test', 'silent');
  const unbroken = { failpoints: noFailpoints, workLeaseMs: 60_000 };
  const deps = { nodes, metadata, pool, clock, random, onReplicaFailure, log, ...unbroken };
  const current = () => metadata.chunk(chunk.chunkId)?.serverIds ?? [];
  return { memory, deps, fileId, target, current, chunk: { ...chunk, sources: chunk.serverIds } };
}

test('a replica moves to another server: the bytes are there, the row lists it, the old one is queued for deletion', async () => {
  const { memory, deps, chunk, target, current } = await storedChunk();
  const [stays = '', leaves = ''] = chunk.serverIds;
  assert.equal(await replaceReplica(deps, chunk, target, leaves, signal), 'made');
  assert.deepEqual(current(), [stays, target]);
  const copy = memory.nodes.chunks.get(`${target}/${chunk.chunkId}`);
  assert.ok(copy?.equals(memory.nodes.chunks.get(`${stays}/${chunk.chunkId}`) ?? Buffer.alloc(0)));
  assert.deepEqual([...memory.metadata.deletions.values()], [{ chunkId: chunk.chunkId, serverId: leaves }]);
  assert.equal(memory.metadata.claims.size, 0);
});

test('a copy of a chunk that is deleted meanwhile is queued for deletion', async () => {
  const { memory, deps, chunk, target, fileId } = await storedChunk();
  memory.nodes.beforeWrite = async () => void (await memory.metadata.deleteFile(fileId));
  assert.equal(await replaceReplica(deps, chunk, target, undefined, signal), 'gone');
  assert.ok([...memory.metadata.deletions.values()].some(({ serverId }) => serverId === target));
  assert.equal(memory.metadata.claims.size, 0);
});

test('a chunk that is gone, or whose replica somebody else is making, is not copied', async () => {
  const { memory, deps, chunk, target, fileId } = await storedChunk();
  await memory.metadata.claimReplica({ chunkId: chunk.chunkId, serverId: target });
  assert.equal(await replaceReplica(deps, chunk, target, undefined, signal), 'busy');
  await memory.metadata.deleteFile(fileId);
  assert.equal(await replaceReplica(deps, chunk, target, undefined, signal), 'gone');
  assert.ok(!memory.nodes.chunks.has(`${target}/${chunk.chunkId}`));
});

test('a copy that fails leaves no claim, its row as it was, and what may have been written queued for deletion', async () => {
  for (const kind of ['full', 'unavailable', 'refused'] satisfies NodeFailureKind[]) {
    const { memory, deps, chunk, target, current } = await storedChunk();
    memory.nodes.misbehaving.set(target, { failWriteAfterBytes: 100_000, kind });
    await assert.rejects(replaceReplica(deps, chunk, target, undefined, signal), { kind, serverId: target });
    assert.deepEqual(current(), chunk.serverIds);
    assert.deepEqual([...memory.metadata.deletions.values()], [{ chunkId: chunk.chunkId, serverId: target }]);
    assert.equal(memory.metadata.claims.size, 0);
    assert.equal(memory.nodes.openReaders, 0);
  }
});

test('a copy whose bytes are not those of the row is never listed', async () => {
  const { deps, chunk, target, current } = await storedChunk();
  const other = { ...chunk, sha256: 'ab'.repeat(32) };
  await assert.rejects(replaceReplica(deps, other, target, undefined, signal), { kind: 'refused' });
  assert.deepEqual(current(), chunk.serverIds);
});

test('a copy whose claim ran out is given up', async () => {
  const { memory, deps, chunk, target, current } = await storedChunk();
  memory.nodes.beforeWrite = async () => {
    memory.metadata.claims.clear();
    memory.clock.advance(20_000);
    await new Promise(setImmediate);
  };
  await assert.rejects(replaceReplica(deps, chunk, target, undefined, signal), /ran out/);
  assert.deepEqual(current(), chunk.serverIds);
});

test('a maker that stood still for longer than its claim lasts does not place its copy by the claim of who came next', async () => {
  const { memory, deps, chunk, target, current } = await storedChunk();
  const { metadata, nodes } = memory;
  const replica = { chunkId: chunk.chunkId, serverId: target };
  // No timer fires while a process stands still.
  let stillMs = 0;
  const clock: Clock = {
    nowMs: () => memory.clock.nowMs() + stillMs,
    monotonicMs: () => memory.clock.monotonicMs() + stillMs,
    after: (ms, callback) => memory.clock.after(ms, callback),
    every: (ms, callback) => memory.clock.every(ms, callback),
  };
  const reach = async (name: string) => {
    if (name !== 'replica.copied') return;
    metadata.claims.clear();
    nodes.chunks.delete(`${target}/${chunk.chunkId}`); // As cleanup does with a copy whose claim ran out.
    assert.equal(await metadata.claimReplica(replica), 'claimed');
    stillMs = 61_000;
    memory.clock.advance(20_000);
    await new Promise(setImmediate);
  };
  const making = replaceReplica({ ...deps, clock, failpoints: { reach } }, chunk, target, chunk.serverIds[1], signal);
  await assert.rejects(making, /ran out/);
  assert.deepEqual(current(), chunk.serverIds);
  assert.equal(metadata.claims.size, 1, 'the other one goes on');
});

test('a paced copy takes as long as its rate says', async () => {
  const { memory, deps, chunk, target } = await storedChunk(6 * MiB);
  const { clock } = memory;
  const startedMs = clock.monotonicMs();
  let made: string | undefined;
  void replaceReplica({ ...deps, pace: new BytePace(MiB / 10, clock) }, chunk, target, undefined, signal).then(
    (outcome) => {
      made = outcome;
    },
  );
  for (let step = 0; step < 2_000 && made === undefined; step++) {
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    clock.advance(10);
  }
  assert.equal(made, 'made');
  // 1 MiB at a tenth a second, less the burst of 0.2 s.
  const tookMs = clock.monotonicMs() - startedMs;
  assert.ok(tookMs > 9_700 && tookMs < 10_300, `it took ${tookMs} ms`);
});
