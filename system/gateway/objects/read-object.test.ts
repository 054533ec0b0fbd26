import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KiB } from '../../common/bytes.ts';
import { inPieces, memoryStore, numbered } from './files.fixture.ts';
import type { Segment } from './object-ports.ts';
import { type ObjectReadDeps, openObject } from './read-object.ts';

const version = { versionUid: '7' };
const parts = { kind: 'parts' } as const;

/** An object in parts of these sizes, over nodes in memory. */
async function objectOf(sizes: readonly number[]) {
  const memory = memoryStore();
  const data = numbered(sizes.reduce((sum, size) => sum + size, 0));
  const segments: Segment[] = [];
  let offsetBytes = 0;
  for (const [index, sizeBytes] of sizes.entries()) {
    const bytes = data.subarray(offsetBytes, offsetBytes + sizeBytes);
    const request = { filename: '', contentType: '', declaredBytes: sizeBytes };
    const { fileId } = await memory.files.write(request, inPieces(bytes), new AbortController().signal);
    const file = await memory.files.completed(fileId);
    segments.push({ partNumber: index + 1, offsetBytes, sizeBytes, etag: '', checksum: undefined, file });
    offsetBytes += sizeBytes;
  }
  const fetches: number[] = [];
  const deps: ObjectReadDeps = {
    files: memory.files,
    metadata: {
      segments: async (_versionUid, start, end, limit) => {
        const touched = segments.filter((one) => one.offsetBytes < end && one.offsetBytes + one.sizeBytes > start);
        fetches.push(Math.min(limit, touched.length));
        return touched.slice(0, limit);
      },
    },
  };
  return { ...memory, deps, data, segments, fetches };
}

async function read(deps: ObjectReadDeps, start: number, end: number): Promise<Buffer> {
  using open = await openObject(deps, version, parts, { start, end }, new AbortController().signal);
  const pieces: Buffer[] = [];
  for await (const piece of open.bytes()) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

test('one place among the downloads is enough for all parts of an object', async () => {
  const object = await objectOf([30 * KiB, 30 * KiB, 30 * KiB]);
  const { signal } = new AbortController();
  const idle = async () => ({ bytes: async function* () {}, [Symbol.dispose]: () => undefined });
  const others = await Promise.all(Array.from({ length: 399 }, () => object.files.oneOfMany(signal, idle)));
  assert.ok((await read(object.deps, 0, object.data.length)).equals(object.data));
  const file = { kind: 'file', file: object.segments[0]?.file } as Parameters<typeof openObject>[2];
  using _last = await openObject(object.deps, version, file, { start: 0, end: 1 }, signal);
  const left = new AbortController();
  const tooMany = openObject(object.deps, version, parts, { start: 0, end: 1 }, left.signal);
  left.abort(new Error('it waits'));
  await assert.rejects(tooMany, /it waits/);
  for (const other of others) other[Symbol.dispose]();
});

test('any range of an object in parts is the same as that of its parts put together', async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 40 * KiB }), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (partSizes, a, b) => {
      const object = await objectOf(partSizes);
      const [from, to] = [a % (object.data.length + 1), b % (object.data.length + 1)];
      const [start, end] = [Math.min(from, to), Math.max(from, to)];
      assert.ok((await read(object.deps, start, end)).equals(object.data.subarray(start, end)));
      assert.ok(object.fetches.every((count) => count <= 16));
      assert.equal(object.nodes.openReaders, 0);
      assert.equal(object.nodes.lent, 0);
      assert.equal(object.files.readers, 0);
    }),
    { numRuns: 60 },
  );
});

test('a range opens only the parts that it touches', async () => {
  const object = await objectOf([10 * KiB, 10 * KiB, 10 * KiB]);
  await read(object.deps, 11 * KiB, 12 * KiB);
  assert.deepEqual(object.fetches, [1]);
  assert.ok(object.nodes.readsBy.length <= 6, `${object.nodes.readsBy.length} chunks were read`);
});

test('a reader that leaves in the middle leaves no part open', async () => {
  const object = await objectOf([10 * KiB, 10 * KiB, 10 * KiB]);
  {
    const range = { start: 0, end: object.data.length };
    using open = await openObject(object.deps, version, parts, range, new AbortController().signal);
    for await (const _piece of open.bytes()) break;
  }
  await new Promise(setImmediate);
  assert.equal(object.files.readers, 0);
  assert.equal(object.nodes.openReaders, 0);
});

test('a version that is gone is no object of zero bytes', async () => {
  const object = await objectOf([10 * KiB]);
  const deps: ObjectReadDeps = { ...object.deps, metadata: { segments: async () => [] } };
  await assert.rejects(read(deps, 0, 10), { code: 'FileNotFound' });
});

test('a part whose replicas have moved since it was looked up is read where they are now', async () => {
  const object = await objectOf([10 * KiB, 10 * KiB, 10 * KiB]);
  const range = { start: 0, end: object.data.length };
  using open = await openObject(object.deps, version, parts, range, new AbortController().signal);
  const [, second] = object.segments;
  assert.ok(second !== undefined);
  const chunks = second.file.chunks.map((chunk) => {
    for (const [index, serverId] of chunk.serverIds.entries()) {
      const bytes = object.nodes.chunks.get(`${serverId}/${chunk.chunkId}`);
      assert.ok(bytes !== undefined && object.nodes.chunks.delete(`${serverId}/${chunk.chunkId}`));
      object.nodes.chunks.set(`new-${index}/${chunk.chunkId}`, bytes);
    }
    return { ...chunk, serverIds: chunk.serverIds.map((_, index) => `new-${index}`) };
  });
  object.segments[1] = { ...second, file: { ...second.file, chunks } };

  const pieces: Buffer[] = [];
  for await (const piece of open.bytes()) pieces.push(Buffer.from(piece));
  assert.ok(Buffer.concat(pieces).equals(object.data));
  assert.equal(object.nodes.lent, 0);
});

test('a part that is nowhere is looked up once more and not for ever', async () => {
  const object = await objectOf([10 * KiB, 10 * KiB]);
  const range = { start: 0, end: object.data.length };
  using open = await openObject(object.deps, version, parts, range, new AbortController().signal);
  for (const { chunkId, serverIds } of object.segments[1]?.file.chunks ?? []) {
    for (const serverId of serverIds) object.nodes.chunks.delete(`${serverId}/${chunkId}`);
  }
  await assert.rejects(
    async () => {
      for await (const _ of open.bytes());
    },
    { code: 'DataUnavailable' },
  );
  assert.equal(object.fetches.length, 2);
});
