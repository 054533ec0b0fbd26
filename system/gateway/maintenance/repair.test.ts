import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KiB, MiB } from '../../common/bytes.ts';
import type { RepairFigures } from '../objects/care-report.ts';
import { readAll } from '../objects/files.fixture.ts';
import { maintained } from './maintenance.fixture.ts';
import { repair } from './repair.ts';

const signal = new AbortController().signal;
const BLOCK = 256 * KiB;

type Store = ReturnType<typeof maintained>;
const problem = (store: Store, chunkId: string, serverId: string, kind: 'absent' | 'damaged') =>
  store.metadata.recordProblems([{ chunkId, serverId, kind }]);

/** Runs repair while virtual time passes. */
async function repaired(store: Store, changes: Partial<Store['deps']> = {}): Promise<RepairFigures> {
  const running = repair({ ...store.deps, ...changes }, signal);
  let isOver = false;
  void running.finally(() => {
    isOver = true;
  });
  for (let step = 0; step < 20_000 && !isOver; step++) {
    await new Promise(setImmediate);
    store.clock.advance(5);
  }
  assert.equal(await running, 'done');
  return store.metadata.jobs.get('repair') as RepairFigures;
}

test('what lay on a lost server is made again on others, and the lost one leaves the rows', async () => {
  const store = maintained({ nodes: 7 });
  for (let file = 0; file < 5; file++) await store.store();
  const listed = () => [...store.metadata.files.values()].flatMap(({ chunks }) => chunks.flatMap((c) => c.serverIds));
  const lost = listed().filter((serverId) => serverId === 'node-2').length;
  store.loseServer('node-2');
  const figures = await repaired(store);
  store.assertWhole();
  assert.ok(lost > 0 && !listed().includes('node-2'));
  assert.equal(figures.repairedChunks, lost);
  assert.deepEqual([figures.state, figures.pendingChunks, figures.pendingBytes], ['idle', 0, 0]);
});

test('a server that has been away for less than the grace is waited for', async () => {
  const store = maintained();
  await store.store();
  store.setStatus('node-2', 'inactive', 35_000);
  assert.equal((await repaired(store)).repairedChunks, 0);
});

test('with three replicas, two servers may be lost at once', async () => {
  const store = maintained({ nodes: 8, replicas: 3 });
  for (let file = 0; file < 4; file++) await store.store();
  store.loseServer('node-1');
  store.loseServer('node-4');
  await repaired(store);
  store.assertWhole(3);
});

test('a damaged or absent replica is made again where it was', async () => {
  for (const kind of ['damaged', 'absent'] as const) {
    const store = maintained();
    const { chunks } = await store.store();
    const [chunk] = chunks;
    const [serverId = ''] = chunk?.serverIds ?? [];
    const key = `${serverId}/${chunk?.chunkId}`;
    if (kind === 'damaged') store.nodes.damage.set(key, [1]);
    else store.nodes.chunks.delete(key);
    await problem(store, chunk?.chunkId ?? '', serverId, kind);
    assert.equal((await repaired(store)).repairedChunks, 1);
    store.assertWhole();
    assert.equal(store.metadata.problems.size, 0);
    assert.deepEqual(new Set(store.metadata.chunk(chunk?.chunkId ?? '')?.serverIds), new Set(chunk?.serverIds));
  }
});

test('where the server of a damaged replica is full, the replica goes to another', async () => {
  const store = maintained({ nodes: 8 });
  const { chunks } = await store.store();
  const { chunkId = '', serverIds: [stays = '', full = ''] = [] } = chunks[0] ?? {};
  store.nodes.damage.set(`${full}/${chunkId}`, [1]);
  store.nodes.misbehaving.set(full, { kind: 'full', failWriteAfterBytes: 0 });
  await problem(store, chunkId, full, 'damaged');
  await repaired(store);
  store.assertWhole();
  const servers = store.metadata.chunk(chunkId)?.serverIds ?? [];
  assert.ok(servers.includes(stays) && !servers.includes(full));
});

test('two replicas that are damaged in different blocks become two good ones', async () => {
  const store = maintained();
  const { data, fileId, chunks } = await store.store(24 * MiB);
  const { chunkId = '', serverIds = [] } = chunks[3] ?? {};
  for (const [index, serverId] of serverIds.entries()) {
    store.nodes.damage.set(`${serverId}/${chunkId}`, [index * 2 * BLOCK]);
    await problem(store, chunkId, serverId, 'damaged');
  }
  await repaired(store);
  store.assertWhole();
  assert.ok((await readAll(store.files, await store.files.completed(fileId))).equals(data));
});

test('a chunk without a good replica is lost: said once, its file an error; a server that returns brings it back', async () => {
  const store = maintained({ nodes: 8 });
  const { chunks, data, fileId } = await store.store();
  const { chunkId = '', serverIds: [first = '', second = ''] = [] } = chunks[0] ?? {};
  const kept = store.nodes.chunks.get(`${second}/${chunkId}`) ?? Buffer.alloc(0);
  for (const serverId of [first, second]) {
    store.nodes.chunks.delete(`${serverId}/${chunkId}`);
    await problem(store, chunkId, serverId, 'absent');
  }
  const read = async () => readAll(store.files, await store.files.completed(fileId));
  await repaired(store);
  await repaired(store);
  assert.equal(store.metadata.repairs.get(chunkId)?.isLost, true);
  assert.equal(store.errors.length, 1);
  await assert.rejects(read(), { code: 'DataUnavailable' });

  store.nodes.chunks.set(`${second}/${chunkId}`, kept);
  await repaired(store);
  store.assertWhole();
  assert.equal(store.metadata.repairs.size, 0);
  assert.ok((await read()).equals(data));
});

test('while a server that counts is merely out of reach, a chunk is not called lost', async () => {
  const store = maintained();
  const { chunks } = await store.store();
  const { chunkId = '', serverIds: [away = '', absent = ''] = [] } = chunks[0] ?? {};
  store.nodes.misbehaving.set(away, { kind: 'unavailable', failReadAtOffset: 0, failWriteAfterBytes: 0 });
  store.nodes.chunks.delete(`${absent}/${chunkId}`);
  await problem(store, chunkId, absent, 'absent');
  await repaired(store);
  assert.equal(store.metadata.repairs.get(chunkId)?.isLost, false);
  assert.deepEqual(store.errors, []);
});

test('a surplus replica goes once the others were read and found good, and stays while one of them is not', async () => {
  const store = maintained();
  const { chunks } = await store.store();
  const { chunkId = '', serverIds = [] } = chunks[0] ?? {};
  const extra = ['node-0', 'node-1', 'node-2'].find((id) => !serverIds.includes(id)) ?? '';
  await store.metadata.claimReplica({ chunkId, serverId: extra });
  await store.metadata.placeReplica({ chunkId, serverId: extra }, undefined);
  store.nodes.chunks.set(
    `${extra}/${chunkId}`,
    store.nodes.chunks.get(`${serverIds[0]}/${chunkId}`) ?? Buffer.alloc(0),
  );
  store.nodes.damage.set(`${serverIds[1]}/${chunkId}`, [0]);
  await repaired(store);
  store.assertWhole();
  const servers = store.metadata.chunk(chunkId)?.serverIds ?? [];
  assert.equal(servers.length, 2);
});

test('with no server that could take a replica, nothing is given up and nothing is called a failure', async () => {
  const store = maintained({ nodes: 2 });
  await store.store();
  store.loseServer('node-1');
  const figures = await repaired(store);
  assert.equal(figures.failed, 0);
  assert.equal(figures.pendingChunks, 6);
  assert.ok([...store.metadata.files.values()].every(({ chunks }) => chunks.every((c) => c.serverIds.length === 2)));
});

test('a server that was lost is noticed when it is back, also in the middle of a run, and by whichever job looks first', async () => {
  const store = maintained({ nodes: 8 });
  const { chunks } = await store.store();
  // Of those that hold something: where nothing is to be repaired, nothing happens in the middle.
  const [first = '', second = ''] = new Set(chunks.flatMap(({ serverIds }) => serverIds));
  let noticed = 0;
  const onServersBack = () => void noticed++;
  store.loseServer(first);
  await repaired(store, { onServersBack, onRepaired: () => store.setStatus(first, 'active') });
  assert.equal(noticed, 1);

  store.loseServer(second);
  await repaired(store, { onServersBack });
  store.setStatus(second, 'active');
  store.standings.update(store.metadata.serverRecords); // As the census does.
  await repaired(store, { onServersBack });
  await repaired(store, { onServersBack });
  assert.equal(noticed, 2);
});

test('a server that dies while it is drained is waited for no longer than any other', async () => {
  const store = maintained({ nodes: 8 });
  const { chunks } = await store.store();
  const { chunkId = '', serverIds: [dead = '', absent = ''] = [] } = chunks[0] ?? {};
  store.nodes.chunks.delete(`${absent}/${chunkId}`);
  await problem(store, chunkId, absent, 'absent');
  store.loseServer(dead);
  store.setStatus(dead, 'draining', 3_600_000);
  store.standings.update(store.metadata.serverRecords);
  store.clock.advance(60_000);
  await repaired(store);
  assert.equal(store.metadata.repairs.get(chunkId)?.isLost, true);
  const others = [...store.metadata.files.values()].flatMap((file) => file.chunks.filter((c) => c.chunkId !== chunkId));
  assert.ok(
    others.every(({ serverIds }) => !serverIds.includes(dead)),
    'the others are made anew',
  );
});
