import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { BytePace } from '../objects/byte-pace.ts';
import type { CensusState } from '../objects/care-report.ts';
import { census } from './census.ts';
import { maintained } from './maintenance.fixture.ts';

const signal = new AbortController().signal;

function counted() {
  const store = maintained({ nodes: 8 });
  const told: string[] = [];
  const deps = {
    ...store.deps,
    pace: new BytePace(1e12, store.clock),
    orphanGraceMs: 1_000,
    onProblems: () => void told.push('problems'),
    onOrphansWaiting: () => void told.push('waiting'),
    onDeletionsQueued: () => void told.push('queued'),
  };
  const run = async () => {
    assert.equal(await census(deps, signal), 'done');
    return store.metadata.jobs.get('census') as CensusState;
  };
  return { store, run, told };
}

test('disks that hold just what the rows list differ in nothing', async () => {
  const { store, run, told } = counted();
  await store.store();
  const state = await run();
  assert.deepEqual([state.servers, state.files, state.orphansWaiting, state.absentReplicas], [8, 12, 0, 0]);
  assert.deepEqual(told, []);
});

test('a file of no row is queued for deletion when it is still there after the grace, a foreign one never', async () => {
  const { store, run, told } = counted();
  await store.store();
  const orphan = { chunkId: randomUUID(), serverId: 'node-3' };
  store.nodes.chunks.set(`node-3/${orphan.chunkId}`, Buffer.from('x'));
  for (const name of ['zz-other-program', 'AAAA', randomUUID().toUpperCase()]) {
    store.nodes.chunks.set(`node-3/${name}`, Buffer.from('y'));
  }
  const first = await run();
  assert.deepEqual([first.orphansWaiting, first.orphansQueued, first.foreignFiles], [1, 0, 3]);
  assert.equal(store.metadata.deletions.size, 0);
  assert.equal((await run()).orphansQueued, 1);
  assert.deepEqual([...store.metadata.deletions.values()], [orphan]);
  assert.deepEqual(told, ['waiting', 'queued']);
});

test('the chunks of an upload that runs, and a claimed copy, are no orphans', async () => {
  const { store, run } = counted();
  const { chunks } = await store.store();
  const { chunkId = '', serverIds = [] } = chunks[0] ?? {};
  const target = ['node-6', 'node-7', 'node-5'].find((id) => !serverIds.includes(id)) ?? '';
  await store.metadata.claimReplica({ chunkId, serverId: target });
  store.nodes.chunks.set(`${target}/${chunkId}`, Buffer.from('half of a co'));
  assert.equal((await run()).orphansWaiting, 0);
});

test('a listed replica that is not on the disk is recorded as absent, unless a second look finds it', async () => {
  const { store, run, told } = counted();
  const { chunks } = await store.store();
  const { chunkId = '', serverIds: [gone = ''] = [] } = chunks[0] ?? {};
  store.nodes.chunks.delete(`${gone}/${chunkId}`);
  const { chunkId: lateId = '', serverIds: [late = ''] = [] } = chunks[1] ?? {};
  const listChunks = store.nodes.listChunks.bind(store.nodes);
  store.nodes.listChunks = async (serverId, after, limit) =>
    (await listChunks(serverId, after, limit)).filter((id) => !(id === lateId && serverId === late));
  assert.equal((await run()).absentReplicas, 1);
  assert.deepEqual([...store.metadata.problems.values()], [{ chunkId, serverId: gone, kind: 'absent' }]);
  assert.deepEqual(told, ['problems']);
});

test('a replica that its row has given up is used again where the chunk lacks one, if it is good', async () => {
  for (const isGood of [true, false]) {
    const { store, run } = counted();
    const { chunks } = await store.store();
    const { chunkId = '', serverIds: [gone = '', stays = ''] = [] } = chunks[0] ?? {};
    const back = ['node-5', 'node-6', 'node-7'].find((id) => id !== gone && id !== stays) ?? '';
    store.nodes.chunks.set(`${back}/${chunkId}`, store.nodes.chunks.get(`${stays}/${chunkId}`) ?? Buffer.alloc(0));
    if (!isGood) store.nodes.damage.set(`${back}/${chunkId}`, [0]);
    await store.metadata.recordProblems([{ chunkId, serverId: gone, kind: 'damaged' }]);
    await run();
    assert.equal(store.metadata.chunk(chunkId)?.serverIds.includes(back), isGood);
    assert.equal(store.metadata.claims.size, 0);
    assert.equal(store.metadata.deletions.size, isGood ? 0 : 1);
  }
});

test('a replica that nobody lacks is not adopted: it is an orphan', async () => {
  const { store, run } = counted();
  const { chunks } = await store.store();
  const { chunkId = '', serverIds = [] } = chunks[0] ?? {};
  const extra = ['node-5', 'node-6', 'node-7'].find((id) => !serverIds.includes(id)) ?? '';
  store.nodes.chunks.set(`${extra}/${chunkId}`, Buffer.from('x'));
  const state = await run();
  assert.deepEqual([state.adoptedReplicas, state.orphansWaiting], [0, 1]);
});

test('a server that does not answer is left out, and the others are counted', async () => {
  const { store, run } = counted();
  await store.store();
  store.nodes.misbehaving.set('node-2', { kind: 'unavailable' });
  const state = await run();
  assert.deepEqual([state.servers, state.unreachableServers], [7, 1]);
  assert.equal(store.metadata.problems.size, 0);
});
