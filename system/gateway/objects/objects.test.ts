import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoreError } from './errors.ts';
import { inPieces, numbered } from './files.fixture.ts';
import type { FoundObject } from './find-object.ts';
import { getObject, type ReadPlan } from './get-object.ts';
import { attributes, key, memoryObjects } from './memory-versions.fixture.ts';
import type { WriteConditions } from './object-ports.ts';
import { putObject } from './put-object.ts';

type Plan = (found: FoundObject) => ReadPlan<string | undefined> | Promise<ReadPlan<string | undefined>>;

const forever = new AbortController().signal;

function store(inlineBytesMax?: number) {
  const memory = memoryObjects(inlineBytesMax);
  let opened = 0;
  const put = (data: Buffer, conditions: WriteConditions = {}, declaredBytes = data.length) => {
    const openBody = () => {
      opened++;
      return { bytes: inPieces(data, 1_000), digests: () => ({ etag: `${data.length}`, checksum: undefined }) };
    };
    return putObject(memory.deps, { ...key, attributes, conditions, declaredBytes }, openBody, forever);
  };
  const whole: Plan = ({ version }) => ({
    head: version?.etag,
    range: version && { start: 0, end: version.sizeBytes },
  });
  const get = async (plan: Plan = whole) => {
    const { head, bytes } = await getObject(memory.deps, key, undefined, plan, forever);
    if (bytes === undefined) return { head, data: undefined };
    using open = bytes;
    const pieces: Buffer[] = [];
    for await (const piece of open.bytes()) pieces.push(Buffer.from(piece));
    return { head, data: Buffer.concat(pieces) };
  };
  return { ...memory, put, get, whole, opened: () => opened };
}

for (const [title, bytes] of [
  ['small', 16],
  ['large', 50_000],
  ['empty', 0],
] as const) {
  test(`a ${title} object is read as it was put`, async () => {
    const { put, get, current } = store();
    await put(numbered(bytes));
    assert.equal(current.get('key')?.content.kind, bytes > 16 ? 'file' : 'inline');
    assert.deepEqual((await get()).data, numbered(bytes));
  });
}

test('a small object costs one call to the metadata, and no look before it', async () => {
  const { put, lookups } = store();
  await put(numbered(16));
  assert.equal(lookups(), 0);
});

test('a large object whose conditions do not hold is refused before its body is opened', async () => {
  const { put, opened, metadata } = store();
  await put(numbered(8));
  await assert.rejects(put(numbered(5_000), { ifNoneMatch: ['*'] }), { refusal: 'precondition-failed' });
  assert.equal(opened(), 1);
  assert.equal(metadata.sessions.size, 0);
});

test('a large object that is overtaken is refused, and leaves no chunk to stay', async () => {
  const { put, metadata } = store();
  const { putFile } = metadata;
  metadata.putFile = async (request, commit) => {
    await put(numbered(8));
    return putFile(request, commit);
  };
  await assert.rejects(put(numbered(5_000), { ifNoneMatch: ['*'] }), { refusal: 'precondition-failed' });
  assert.equal(metadata.sessions.size, 0);
});

test('a body that is longer than declared is refused', async () => {
  const { put, current } = store();
  await assert.rejects(put(numbered(12), {}, 8), { code: 'IncompleteBody' });
  assert.equal(current.size, 0);
});

test('an object that is replaced between the look and its first byte is read in its new version', async () => {
  const { put, get, whole, nodes } = store();
  await put(numbered(5_000));
  const looks: (string | undefined)[] = [];
  const { head, data } = await get(async (found) => {
    looks.push(found.version?.etag);
    if (looks.length === 1) {
      // The file goes with its last version, and its chunks with it.
      nodes.chunks.clear();
      await put(numbered(6_000));
    }
    return whole(found);
  });
  assert.deepEqual(looks, ['5000', '6000']);
  assert.equal(head, '6000');
  assert.deepEqual(data, numbered(6_000));
});

test('an object whose replicas cannot be reached is unavailable, and not absent', async () => {
  const { put, get, nodes } = store();
  await put(numbered(5_000));
  nodes.chunks.clear();
  await assert.rejects(get(), (error: StoreError) => error.code === 'DataUnavailable' || error.code === 'DataDamaged');
});

test('a bucket is refused to who does not own it, and one that is not there to everybody', async () => {
  const { deps, whole } = store();
  const get = (who: Partial<typeof key>) => getObject(deps, { ...key, ...who }, undefined, whole, forever);
  await assert.rejects(get({ accountId: 'somebody' }), { refusal: 'not-owner' });
  await assert.rejects(get({ bucketName: 'none' }), { refusal: 'no-bucket' });
});
