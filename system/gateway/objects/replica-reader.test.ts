import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KiB } from '../../common/bytes.ts';
import { noFailpoints } from '../../common/failpoint.ts';
import { systemRandom as random } from '../../common/random.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { numbered } from './files.fixture.ts';
import { MemoryNodes } from './memory-nodes.fixture.ts';
import type { NodeFailure } from './ports.ts';
import { ReplicaReader } from './replica-reader.ts';

const signal = new AbortController().signal;
const BLOCK = 256 * KiB;

/** A chunk on as many nodes as `damage` has lists, each with damaged bytes at its offsets. */
function storedChunk(bytes: number, damage: readonly (readonly number[])[]) {
  const nodes = new MemoryNodes();
  const data = numbered(bytes);
  const serverIds = damage.map((_, index) => `n${index}`);
  for (const [index, offsets] of damage.entries()) {
    nodes.chunks.set(`n${index}/c`, data);
    nodes.damage.set(`n${index}/c`, offsets);
  }
  const clock = new VirtualClock();
  const deps = { nodes, clock, random, failpoints: noFailpoints, onReplicaFailure: () => undefined };
  const read = async (offset = 0, length = bytes - offset, messageBytes = 256 * KiB) => {
    const reader = new ReplicaReader(deps, { chunkId: 'c', serverIds }, { offset, length }, messageBytes, signal);
    const pieces: Buffer[] = [];
    for (let lent = await reader.next(); lent !== undefined; lent = await reader.next()) {
      pieces.push(Buffer.from(lent.data));
      lent.giveBack();
    }
    return Buffer.concat(pieces);
  };
  return { nodes, data, read };
}

test('a read that is given up while it waits asks no other replica, and blames none', async () => {
  const nodes = new MemoryNodes();
  for (const server of ['n0', 'n1']) nodes.chunks.set(`${server}/c`, numbered(BLOCK));
  const arrives = Promise.withResolvers<void>();
  nodes.beforeRead = () => arrives.promise;
  const failures: NodeFailure[] = [];
  const onReplicaFailure = (_: string, failure: NodeFailure) => void failures.push(failure);
  const deps = { nodes, clock: new VirtualClock(), random, failpoints: noFailpoints, onReplicaFailure };
  const chunk = { chunkId: 'c', serverIds: ['n0', 'n1'] };
  const reader = new ReplicaReader(deps, chunk, { offset: 0, length: BLOCK }, BLOCK, signal);
  const waiting = assert.rejects(reader.next(), { kind: 'cancelled' });
  reader.cancel();
  arrives.resolve();
  await waiting;
  assert.deepEqual(nodes.readsBy, ['n0']);
  assert.deepEqual(failures, []);
  assert.equal(nodes.openReaders, 0);
});

test('a read that is given up between two replicas opens no other', async () => {
  const nodes = new MemoryNodes();
  const inMiddle = Promise.withResolvers<void>();
  const failpoints = { reach: () => inMiddle.promise };
  const deps = { nodes, clock: new VirtualClock(), random, failpoints, onReplicaFailure: () => undefined };
  const chunk = { chunkId: 'c', serverIds: ['n0', 'n1'] };
  const reader = new ReplicaReader(deps, chunk, { offset: 0, length: BLOCK }, BLOCK, signal);
  const waiting = assert.rejects(reader.next(), { kind: 'absent' });
  await new Promise((resolve) => setImmediate(resolve));
  reader.cancel();
  inMiddle.resolve();
  await waiting;
  assert.deepEqual(nodes.readsBy, ['n0']);
});

test('two replicas that are damaged in different blocks still give the whole chunk', async () => {
  const { nodes, data, read } = storedChunk(8 * BLOCK, [[2 * BLOCK + 5], [BLOCK, 6 * BLOCK]]);
  assert.ok((await read()).equals(data));
  assert.equal(nodes.openReaders, 0);
});

test('a block that is damaged on every replica is an error, whatever is good around it', async () => {
  const { nodes, read } = storedChunk(8 * BLOCK, [[BLOCK, 5 * BLOCK], [5 * BLOCK + 9]]);
  await assert.rejects(read(), { code: 'DataDamaged' });
  assert.ok(nodes.readsBy.length < 20);
});

test('whatever is damaged where: a read ends, with the right bytes exactly if each block is good somewhere', async () => {
  const blocks = 9;
  const where = fc.array(fc.nat(blocks * BLOCK - 1), { maxLength: 6 });
  const messages = fc.constantFrom(16 * KiB, 100_000, 256 * KiB);
  const damages = fc.array(where, { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(damages, fc.nat(blocks * BLOCK - 1), messages, async (damage, offset, messageBytes) => {
      const { nodes, data, read } = storedChunk(blocks * BLOCK, damage);
      const first = Math.floor(offset / BLOCK);
      const isGoodSomewhere = (block: number) =>
        damage.some((offsets) => offsets.every((at) => Math.floor(at / BLOCK) !== block));
      const readable = Array.from({ length: blocks - first }, (_, index) => first + index).every(isGoodSomewhere);
      if (readable) assert.ok((await read(offset, undefined, messageBytes)).equals(data.subarray(offset)));
      else await assert.rejects(read(offset, undefined, messageBytes), { code: 'DataDamaged' });
      assert.equal(nodes.openReaders, 0);
      assert.ok(nodes.readsBy.length <= 2 * damage.length * (blocks + 1), `${nodes.readsBy.length} calls`);
    }),
    { numRuns: 150 },
  );
});
