import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChecksum } from './checksums/running-checksum.ts';
import { type CopyPlan, copyObject } from './copy-object.ts';
import { inPieces, numbered } from './files.fixture.ts';
import type { FoundObject } from './find-object.ts';
import { attributes, key, memoryObjects } from './memory-versions.fixture.ts';
import type { ObjectPut } from './object-ports.ts';
import { putObject } from './put-object.ts';

const { signal } = new AbortController();

/** One object of `bytes` bytes, and the copies that were made of it: of which version, and as what. */
async function store(bytes: number) {
  const memory = memoryObjects();
  const copies: { put: ObjectPut; sourceVersionUid: string }[] = [];
  memory.metadata.putCopy = async (put, sourceVersionUid) => {
    if (memory.current.get('key')?.version.versionUid !== sourceVersionUid) return { refused: 'source-gone' };
    copies.push({ put, sourceVersionUid });
    const { etag, sizeBytes, checksum } = put;
    const version = { versionId: 'null', lastModified: new Date(0), etag, sizeBytes, checksum };
    return { version: { ...version, versioning: 'unversioned' }, freedSpace: false };
  };
  const put = async (data: Buffer) => {
    const openBody = () => ({
      bytes: inPieces(data),
      digests: () => ({ etag: `${data.length}`, checksum: undefined }),
    });
    const request = { ...key, attributes, conditions: {}, declaredBytes: data.length };
    await putObject(memory.deps, request, openBody, signal);
  };
  await put(numbered(bytes));
  const copy = (checksum: CopyPlan['checksum'], onPlan: () => void = () => undefined) => {
    const plan = ({ version }: FoundObject): CopyPlan => {
      assert.ok(version);
      onPlan();
      return { version, attributes, checksum };
    };
    const source = { ...key, versionId: undefined, isRead: checksum !== undefined };
    return copyObject(memory.deps, source, { ...key, key: 'copy', conditions: {} }, plan, signal);
  };
  return { ...memory, copies, put, copy };
}

function crc32(data: Buffer): string {
  const running = createChecksum('CRC32');
  running.update(data);
  return running.digest();
}

test('a copy reads no byte, unless a checksum is asked for that must be computed', async () => {
  const { copy, copies, nodes } = await store(50_000);
  await copy(undefined);
  assert.deepEqual([nodes.readsBy.length, copies[0]?.put.checksum], [0, undefined]);
  await copy('CRC32');
  const checksum = { algorithm: 'CRC32', type: 'FULL_OBJECT', value: crc32(numbered(50_000)) };
  assert.deepEqual(copies[1]?.put.checksum, checksum);
});

/** As store, and what replaces the object, by a larger one, at a moment that the test chooses. */
async function replaceable() {
  const memory = await store(50_000);
  const { current, nodes, put } = memory;
  const older = current.get('key');
  await put(numbered(60_000));
  const newer = current.get('key');
  assert.ok(older?.content.kind === 'file' && newer);
  const { chunks } = older.content.file;
  current.set('key', older);
  const replace = () => {
    current.set('key', newer);
    for (const { chunkId, serverIds } of chunks) {
      for (const serverId of serverIds) nodes.chunks.delete(`${serverId}/${chunkId}`);
    }
  };
  return { ...memory, replace, newer: newer.version };
}

test('a source that is replaced while it is copied is looked up, read and copied again', async () => {
  for (const [algorithm, value] of [
    [undefined, undefined],
    ['CRC32', crc32(numbered(60_000))],
  ] as const) {
    const { copy, copies, replace, newer } = await replaceable();
    await copy(algorithm, replace);
    assert.equal(copies.length, 1);
    assert.equal(copies[0]?.sourceVersionUid, newer.versionUid);
    assert.equal(copies[0]?.put.sizeBytes, 60_000);
    assert.equal(copies[0]?.put.checksum?.value, value);
  }
});

test('a source that cannot be read is not looked up for ever', async () => {
  const { copy, copies, nodes, current } = await store(50_000);
  nodes.chunks.clear();
  await assert.rejects(copy('CRC32'), { code: 'DataUnavailable' });
  assert.equal(copies.length, 0);
  assert.ok(current.has('key'));
});
