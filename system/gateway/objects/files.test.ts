import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { MiB } from '../../common/bytes.ts';
import { StoreError } from './errors.ts';
import { inPieces, memoryStore, numbered, readAll } from './files.fixture.ts';
import { NodeFailure } from './ports.ts';

const signal = new AbortController().signal;
const named = { filename: 'a.bin', contentType: 'application/octet-stream' };

async function store(memory: ReturnType<typeof memoryStore>, data: Buffer, declaredBytes: number | null = data.length) {
  const stored = await memory.files.write({ ...named, declaredBytes }, inPieces(data), signal);
  return memory.files.completed(stored.fileId);
}

test('any file comes back, whole and in any range, whether its size was declared or not', async () => {
  const sizes = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 8 * MiB }));
  await fc.assert(
    fc.asyncProperty(sizes, fc.boolean(), fc.nat(), fc.nat(), async (size, declared, a, b) => {
      const memory = memoryStore();
      const data = numbered(size);
      const file = await store(memory, data, declared ? size : null);
      assert.equal(file.sha256, createHash('sha256').update(data).digest('hex'));
      assert.equal(file.sizeBytes, size);
      assert.ok((await readAll(memory.files, file)).equals(data));
      const start = Math.min(a % (size + 1), b % (size + 1));
      const end = Math.max(a % (size + 1), b % (size + 1));
      assert.ok((await readAll(memory.files, file, start, end)).equals(data.subarray(start, end)));
      assert.equal(memory.nodes.openReaders, 0);
      assert.equal(memory.nodes.lent, 0);
      assert.equal(memory.files.readers, 0);
    }),
    { numRuns: 40 },
  );
});

test('a short file of undeclared size is cut in six equal parts, as if its size had been declared', async () => {
  const memory = memoryStore();
  const file = await store(memory, numbered(5 * MiB), null);
  const sizes = file.chunks.map((chunk) => chunk.sizeBytes);
  assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 6, `${sizes}`);
});

test('a file that was declared two bytes too long is stored all the same', async () => {
  const memory = memoryStore();
  const data = numbered(1_000_001);
  const file = await store(memory, data, data.length + 2);
  assert.ok((await readAll(memory.files, file)).equals(data));
});

test('a replica that fails in the middle of an upload is replaced on another node', async () => {
  const memory = memoryStore({ nodes: 7 });
  memory.nodes.misbehaving.set('node-3', { failWriteAfterBytes: 300_000, kind: 'unavailable' });
  const data = numbered(9 * MiB);
  const file = await store(memory, data);
  for (const chunk of file.chunks) {
    assert.equal(new Set(chunk.serverIds).size, 2);
    assert.ok(!chunk.serverIds.includes('node-3'));
    for (const serverId of chunk.serverIds) assert.ok(memory.nodes.chunks.has(`${serverId}/${chunk.chunkId}`));
  }
  assert.ok((await readAll(memory.files, file)).equals(data));
});

test('with no node left for a replacement, the write fails and leaves its replicas queued for deletion', async () => {
  const memory = memoryStore({ nodes: 2 });
  memory.nodes.misbehaving.set('node-1', { failWriteAfterBytes: 0, kind: 'unavailable' });
  await assert.rejects(store(memory, numbered(100_000)), { code: 'StorageFailed' });
  assert.equal(memory.metadata.sessions.size, 0);
  assert.equal(memory.metadata.deletions.size, 12);
});

test('where the operator allows it, a file is committed with the replicas that are left', async () => {
  const memory = memoryStore({ nodes: 2, minReplicas: 1 });
  memory.nodes.misbehaving.set('node-1', { failWriteAfterBytes: 0, kind: 'unavailable' });
  const data = numbered(100_000);
  const file = await store(memory, data);
  for (const chunk of file.chunks) assert.deepEqual(chunk.serverIds, ['node-0']);
  assert.ok((await readAll(memory.files, file)).equals(data));
});

test('a body that breaks off leaves no session and gives all memory back', async () => {
  const memory = memoryStore();
  async function* broken(): AsyncGenerator<Buffer> {
    yield* inPieces(numbered(3 * MiB));
    throw new StoreError('ClientGone', 'the client went away');
  }
  await assert.rejects(memory.files.write({ ...named, declaredBytes: 8 * MiB }, broken(), signal), {
    code: 'ClientGone',
  });
  assert.equal(memory.metadata.sessions.size, 0);
  assert.equal(memory.uploads.count, 0);
  await assertAllFramesFree(memory, 40);
});

test('an upload whose session was ended by cleanup is refused, not committed', async () => {
  const memory = memoryStore();
  async function* slow(): AsyncGenerator<Buffer> {
    yield numbered(1_000);
    const [sessionId] = memory.metadata.sessions.keys();
    await memory.metadata.cancel(sessionId ?? '');
    yield numbered(1_000);
  }
  await assert.rejects(memory.files.write({ ...named, declaredBytes: 2_000 }, slow(), signal), {
    code: 'StorageFailed',
  });
  assert.equal(memory.metadata.files.size, 0);
});

test('an upload learns at the next renewal that its session is gone, and stops reading the client', async () => {
  const memory = memoryStore();
  let pieces = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) {
      yield numbered(300_000);
      if (++pieces === 3) {
        const [sessionId] = memory.metadata.sessions.keys();
        await memory.metadata.cancel(sessionId ?? '');
        memory.clock.advance(30_000);
        await new Promise(setImmediate);
      }
      if (pieces > 300) throw new Error('the upload was never told');
    }
  }
  const declaredBytes = 100 * MiB;
  await assert.rejects(memory.files.write({ ...named, declaredBytes }, endless(), signal), { code: 'StorageFailed' });
});

test('the progress of an upload is stored every two seconds while it runs', async () => {
  const memory = memoryStore();
  const seen: (number | undefined)[] = [];
  async function* slow(): AsyncGenerator<Buffer> {
    for (let piece = 0; piece < 3; piece++) {
      yield numbered(1_000);
      memory.clock.advance(2_000);
      seen.push([...memory.metadata.progress.values()][0]);
    }
  }
  await memory.files.write({ ...named, declaredBytes: 3_000 }, slow(), signal);
  assert.deepEqual(seen, [1_000, 2_000, 3_000]);
});

test('when the outcome of the commit is unknown, nothing is deleted', async () => {
  const memory = memoryStore();
  memory.metadata.commitFails = { error: new StoreError('OutcomeUnknown', 'no answer'), happened: true };
  await assert.rejects(store(memory, numbered(10_000)), { code: 'OutcomeUnknown' });
  assert.equal(memory.metadata.deletions.size, 0);
  const [file] = memory.metadata.files.values();
  assert.ok(file !== undefined && (await readAll(memory.files, file)).equals(numbered(10_000)));
});

test('a file over the limit is refused from its declared size before anything is reserved', async () => {
  const memory = memoryStore();
  const declaredBytes = 10 * 1024 ** 3 + 1;
  await assert.rejects(memory.files.write({ ...named, declaredBytes }, inPieces(numbered(10)), signal), {
    code: 'TooLarge',
    message: /size/,
  });
  assert.equal(memory.metadata.sessions.size, 0);
});

test('fewer nodes than replicas is refused', async () => {
  await assert.rejects(store(memoryStore({ nodes: 1 }), numbered(10)), { code: 'TooFewNodes' });
});

test('a read goes on at the same offset on another replica when a node fails in the middle', async () => {
  for (const kind of ['unavailable', 'damaged', 'deadline'] as const) {
    const memory = memoryStore();
    const data = numbered(12 * MiB);
    const file = await store(memory, data);
    memory.nodes.misbehaving.set('node-2', { failReadAtOffset: 700_001, kind });
    assert.ok((await readAll(memory.files, file)).equals(data));
    assert.ok(memory.failures.some(({ failure }) => failure.serverId === 'node-2' && failure.kind === kind));
  }
});

test('a read waits for a replica that comes back', async () => {
  const memory = memoryStore({ nodes: 1, replicas: 1 });
  const file = await store(memory, numbered(10_000));
  memory.nodes.misbehaving.set('node-0', { failReadAtOffset: 0, kind: 'unavailable', times: 8 });
  const reading = readAll(memory.files, file);
  await passTime(memory, reading);
  assert.ok((await reading).equals(numbered(10_000)));
});

test('a read of data that no replica has undamaged fails, and never with wrong bytes', async () => {
  const memory = memoryStore();
  const file = await store(memory, numbered(100_000));
  for (const serverId of file.chunks[3]?.serverIds ?? []) {
    memory.nodes.misbehaving.set(serverId, { failReadAtOffset: 0, kind: 'damaged' });
  }
  await assert.rejects(readAll(memory.files, file), { code: 'DataDamaged' });
  assert.equal(memory.files.readers, 0);
});

test('a read of data that no node will give is given up within a limit', async () => {
  const memory = memoryStore();
  const file = await store(memory, numbered(100_000));
  for (let index = 0; index < 6; index++) {
    memory.nodes.misbehaving.set(`node-${index}`, { failReadAtOffset: 0, kind: 'unavailable' });
  }
  const reading = readAll(memory.files, file);
  await Promise.all([assert.rejects(reading, { code: 'DataUnavailable' }), passTime(memory, reading)]);
});

test('a file that is deleted between its description and its reading is not found', async () => {
  const memory = memoryStore();
  const file = await store(memory, numbered(10_000));
  await memory.files.delete(file.fileId);
  await assert.rejects(readAll(memory.files, file), { code: 'FileNotFound' });
});

test('a delete removes every replica at once where the nodes answer, and keeps the others queued', async () => {
  const memory = memoryStore();
  const file = await store(memory, numbered(10_000));
  memory.nodes.misbehaving.set('node-4', { kind: 'unavailable' });
  await memory.files.delete(file.fileId);
  assert.equal(memory.nodes.chunks.size, memory.nodes.chunksOn('node-4').length);
  assert.equal(memory.metadata.deletions.size, memory.nodes.chunks.size);
  await assert.rejects(memory.files.delete(file.fileId), { code: 'FileNotFound' });
});

test('uploads that wait for slow nodes hold no more frames than the pool has, and all of them end', async () => {
  const memory = memoryStore({ frames: 8 });
  memory.nodes.beforeWrite = () => new Promise(setImmediate);
  const data = numbered(4 * MiB);
  const files = await Promise.all(Array.from({ length: 12 }, () => store(memory, data)));
  for (const file of files) assert.ok((await readAll(memory.files, file)).equals(data));
  await assertAllFramesFree(memory, 8);
});

test('an upload that gets no memory within the limit is told that the store is overloaded', async () => {
  const memory = memoryStore({ frames: 1 });
  await memory.pool.take(signal);
  const writing = store(memory, numbered(1_000));
  await Promise.all([assert.rejects(writing, { code: 'Overloaded' }), passTime(memory, writing)]);
  assert.equal(memory.metadata.sessions.size, 0);
});

test('a download too many waits for another to end, and is told that the store is overloaded when none does', async () => {
  const memory = memoryStore();
  const file = await store(memory, numbered(600));
  const range = { start: 0, end: 600 };
  const read = () => memory.files.read(file, range, signal);
  const [first, ...others] = await Promise.all(Array.from({ length: 400 }, read));
  const next = read();
  const late = read();
  first?.[Symbol.dispose]();
  (await next)[Symbol.dispose]();
  (await late)[Symbol.dispose]();
  const again = await Promise.all([read()]);
  const refused = read();
  await Promise.all([assert.rejects(refused, { code: 'Overloaded' }), passTime(memory, refused)]);
  for (const open of [...others, ...again]) open[Symbol.dispose]();
  assert.equal(memory.files.readers, 0);
});

test('a failure of a node says which node and why', () => {
  const failure = new NodeFailure('full', 'node-7', 'no space left');
  assert.match(failure.message, /node-7.*no space left/);
});

/** Lets virtual time pass in small steps until the promise settles. */
async function passTime(memory: ReturnType<typeof memoryStore>, until: Promise<unknown>): Promise<void> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  until.then(settle, settle);
  for (let step = 0; step < 10_000 && !settled; step++) {
    memory.clock.advance(10);
    await new Promise(setImmediate);
  }
  assert.ok(settled, 'nothing settled within 100 s of virtual time');
}

/** Every frame can be taken at once: none was lost and none is held. */
async function assertAllFramesFree(memory: ReturnType<typeof memoryStore>, frames: number): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  const abort = new AbortController();
  const taken = Array.from({ length: frames }, () => memory.pool.take(abort.signal));
  const timely = await Promise.race([
    Promise.all(taken).then(() => true),
    new Promise((resolve) => setImmediate(resolve, false)),
  ]);
  abort.abort();
  assert.equal(timely, true, 'some frames were not given back');
}

test('a client that leaves is why its read and its write end, and not a failure of the nodes', async () => {
  const memory = memoryStore();
  const file = await store(memory, numbered(20 * MiB));
  const gone = new StoreError('ClientGone', 'the client closed the connection');
  const leaver = () => {
    const client = new AbortController();
    // All calls to nodes end when the signal does.
    const leave = async () => {
      client.abort(gone);
      throw new NodeFailure('cancelled', 'n', 'given up');
    };
    return { signal: client.signal, leave };
  };
  const range = { start: 0, end: file.sizeBytes };

  const opening = leaver();
  memory.nodes.beforeRead = opening.leave;
  await assert.rejects(memory.files.read(file, range, opening.signal), gone);

  const reading = leaver();
  memory.nodes.beforeRead = async () => undefined;
  using open = await memory.files.read(file, range, reading.signal);
  memory.nodes.beforeRead = reading.leave;
  await assert.rejects(async () => {
    for await (const _ of open.bytes());
  }, gone);

  const writing = leaver();
  memory.nodes.beforeWrite = writing.leave;
  const written = memory.files.write({ ...named, declaredBytes: 9 }, inPieces(numbered(9)), writing.signal);
  await assert.rejects(written, gone);
});
