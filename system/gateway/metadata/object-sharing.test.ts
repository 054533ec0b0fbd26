import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bucket, ObjectPut } from '../objects/object-ports.ts';
import type { PgMetadata } from './connect.ts';
import { connectTo } from './test-database.ts';
import {
  deleteOne,
  newBucket,
  owner,
  putFile,
  putInline,
  putOf,
  refusalOf,
  testObjects,
  versionOf,
  versionsOf,
} from './test-objects.ts';

const { database, metadata } = await testObjects();

async function copy(from: Bucket, fromKey: string, to: Bucket, toKey: string, overrides: Partial<ObjectPut> = {}) {
  const { version } = await metadata.lookup(from.name, fromKey, undefined, 'head');
  const { sizeBytes = 0, etag = '' } = version ?? {};
  return metadata.putCopy(putOf(to, toKey, { sizeBytes, etag, ...overrides }), version?.versionUid ?? '0');
}

async function references(fileId: string): Promise<number | undefined> {
  const sql = 'SELECT reference_count AS n FROM files WHERE file_id = $1';
  return (await database.sql<{ n: number }>(sql, [fileId]))[0]?.n;
}

const objectFiles = () => database.sql('SELECT file_id FROM files WHERE reference_count IS NOT NULL ORDER BY file_id');
const queued = async () => (await database.sql('SELECT FROM chunk_deletions')).length;
const content = async (bucket: Bucket, key: string) =>
  (await metadata.lookup(bucket.name, key, undefined, 'content')).content;

test('a file that is replaced goes with its chunks, and its replicas are queued', async () => {
  const bucket = await newBucket(metadata);
  const before = await queued();
  const first = await putFile(metadata, bucket, 'k');
  const second = await putFile(metadata, bucket, 'k');
  assert.equal('freedSpace' in second.stored && second.stored.freedSpace, true);
  assert.deepEqual([await references(first.fileId), await references(second.fileId)], [undefined, 1]);
  assert.equal((await queued()) - before, 12);
  assert.deepEqual(await database.sql('SELECT FROM chunks WHERE file_id = $1', [first.fileId]), []);
  await putInline(metadata, bucket, 'k');
  assert.equal(await references(second.fileId), undefined);
});

test('a copy shares the file, which goes with the last of them', async () => {
  const [bucket, other] = [await newBucket(metadata), await newBucket(metadata, 'enabled')];
  const { fileId } = await putFile(metadata, bucket, 'k');
  versionOf(await copy(bucket, 'k', bucket, 'copy'));
  const { versionId } = versionOf(await copy(bucket, 'k', other, 'copy'));
  assert.equal(await references(fileId), 3);
  assert.deepEqual(await deleteOne(metadata, bucket, 'k'), {
    versionId: undefined,
    isDeleteMarker: false,
    freedSpace: false,
  });
  await deleteOne(metadata, bucket, 'copy');
  await deleteOne(metadata, other, 'copy');
  assert.equal(await references(fileId), 1);
  const last = await deleteOne(metadata, other, 'copy', { versionId });
  assert.deepEqual(last, { versionId, isDeleteMarker: false, freedSpace: true });
  assert.equal(await references(fileId), undefined);
});

test('a copy onto itself keeps the content, in a file or inline', async () => {
  const bucket = await newBucket(metadata);
  const { fileId } = await putFile(metadata, bucket, 'file');
  await putInline(metadata, bucket, 'inline');
  const attributes = { contentType: 'text/changed', userMetadata: { a: 'b' }, storageClass: 'STANDARD' };
  for (const key of ['file', 'inline']) {
    versionOf(await copy(bucket, key, bucket, key, { attributes }));
    const { version } = await metadata.lookup(bucket.name, key, undefined, 'head');
    assert.deepEqual(version?.attributes, attributes);
    assert.deepEqual(await versionsOf(database, bucket, key), ['null L']);
  }
  assert.equal(await references(fileId), 1);
  const file = await content(bucket, 'file');
  assert.equal(file?.kind === 'file' && file.file.fileId, fileId);
  const inline = await content(bucket, 'inline');
  assert.equal(inline?.kind === 'inline' && inline.data.toString(), 'hello');
});

test('a copy tells of its parts the checksums of the source, unless it has another algorithm', async () => {
  const bucket = await newBucket(metadata);
  const checksum = { algorithm: 'CRC32', type: 'FULL_OBJECT', value: 'AAAAAA==' } as const;
  await putFile(metadata, bucket, 'k', { checksum });
  const partsOf = async (key: string) => {
    const { version } = await metadata.lookup(bucket.name, key, undefined, 'head');
    return (await metadata.objectParts(version?.versionUid ?? '', 0, 10)).map((part) => part.checksum);
  };
  await copy(bucket, 'k', bucket, 'same', { checksum });
  await copy(bucket, 'k', bucket, 'other', { checksum: { ...checksum, algorithm: 'CRC32C' } });
  await copy(bucket, 'k', bucket, 'none', { checksum: undefined });
  assert.deepEqual(await Promise.all(['k', 'same', 'other', 'none'].map(partsOf)), [
    ['AAAAAA=='],
    ['AAAAAA=='],
    [undefined],
    [undefined],
  ]);
});

test('what is gone, or is a delete marker, cannot be copied, and nothing changes', async () => {
  const bucket = await newBucket(metadata, 'enabled');
  const kept = versionOf(await putInline(metadata, bucket, 'kept')).versionId;
  const put = putOf(bucket, 'kept');
  assert.deepEqual(await metadata.putCopy(put, '0'), { refused: 'source-gone' });
  await deleteOne(metadata, bucket, 'marker');
  const { version } = await metadata.lookup(bucket.name, 'marker', undefined, 'head');
  assert.deepEqual(await metadata.putCopy(put, version?.versionUid ?? ''), { refused: 'source-gone' });
  assert.deepEqual(await versionsOf(database, bucket, 'kept'), [`${kept} L`]);
});

test('a copy of a file that is deleted at this moment has the whole of it, or is refused', async () => {
  const bucket = await newBucket(metadata);
  const seen = new Set<string>();
  for (let round = 0; round < 40; round++) {
    const { fileId } = await putFile(metadata, bucket, 'k');
    const { version } = await metadata.lookup(bucket.name, 'k', undefined, 'head');
    const put = putOf(bucket, 'copy', { sizeBytes: 600 });
    const [copied] = await Promise.all([
      metadata.putCopy(put, version?.versionUid ?? ''),
      round % 2 === 0 ? deleteOne(metadata, bucket, 'k') : putInline(metadata, bucket, 'k'),
    ]);
    const refusal = refusalOf(copied);
    seen.add(refusal ?? 'copied');
    assert.ok(refusal === undefined || refusal === 'source-gone', refusal);
    assert.equal(await references(fileId), refusal === undefined ? 1 : undefined);
    if (refusal === undefined) assert.equal((await content(bucket, 'copy'))?.kind, 'file');
    await deleteOne(metadata, bucket, 'copy');
  }
});

test('copies of two keys onto each other at once do not wait in a circle', async () => {
  const failed: string[] = [];
  const observe = (operation: string, _ms: number, ok: boolean) => void (ok || failed.push(operation));
  await using gateway = await connectTo(database.url, { poolMin: 2 }, { observe });
  const bucket = await newBucket(metadata);
  for (let round = 0; round < 60; round++) {
    await Promise.all(['a', 'b'].map((key) => putFile(metadata, bucket, key)));
    const [a, b] = await Promise.all(['a', 'b'].map((key) => metadata.lookup(bucket.name, key, undefined, 'head')));
    await Promise.all([
      gateway.putCopy(putOf(bucket, 'b', { sizeBytes: 600 }), a?.version?.versionUid ?? ''),
      gateway.putCopy(putOf(bucket, 'a', { sizeBytes: 600 }), b?.version?.versionUid ?? ''),
    ]);
  }
  assert.deepEqual(failed, []);
});

/** Puts, copies and deletes of a few keys that share files, from many clients at once; any order of them is right. */
async function storm(gateways: readonly PgMetadata[], bucket: Bucket, clients: number, steps: number): Promise<void> {
  const keys = ['a', 'b', 'c', 'd'];
  const client = async (n: number) => {
    const gateway = gateways[n % gateways.length] ?? metadata;
    for (let step = 0; step < steps; step++) {
      const [key, other] = [keys[(n + step) % 4] ?? 'a', keys[(n * 3 + step * 7 + 1) % 4] ?? 'b'];
      if ((n + step * 5) % 7 === 0) {
        const nonce = '0'.repeat(16);
        const targets = [...keys]
          .sort(() => (n % 2) - 0.5)
          .map((each) => ({ key: each, versionId: undefined, conditions: {}, nonce }));
        await gateway.deleteVersions(bucket.name, owner.accountId, targets);
      } else if ((n + step) % 3 === 0) {
        await putFile(gateway, bucket, key);
      } else {
        const { version } = await gateway.lookup(bucket.name, other, undefined, 'head');
        if (version !== undefined) await gateway.putCopy(putOf(bucket, key, { sizeBytes: 600 }), version.versionUid);
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, n) => client(n)));
}

for (const versioning of ['unversioned', 'enabled', 'suspended'] as const) {
  test(`overwrites, copies and deletes at once lose no file, leak none and never wait in a circle: ${versioning}`, async () => {
    const failed: string[] = [];
    const observe = (operation: string, _ms: number, ok: boolean) => void (ok || failed.push(operation));
    await using one = await connectTo(database.url, { poolMax: 8 }, { observe });
    await using two = await connectTo(database.url, { poolMax: 8 }, { observe });
    const bucket = await newBucket(metadata, versioning);
    const before = await objectFiles();
    await storm([one, two], bucket, 16, 20);
    // A deadlock is undone and tried again, so it would not be seen otherwise.
    assert.deepEqual(failed, []);
    const rows = await database.sql<{ key: string; id: string }>(
      `SELECT convert_from(object_key, 'UTF8') AS key, version_id AS id FROM object_versions WHERE bucket_id = $1`,
      [bucket.bucketId],
    );
    for (const { key, id } of rows) {
      const { version, content: found } = await metadata.lookup(bucket.name, key, id, 'content');
      if (version?.isDeleteMarker !== true) assert.equal(found?.kind === 'file' && found.file.chunks.length, 6);
    }
    const targets = rows.map(({ key, id }) => ({ key, versionId: id, conditions: {}, nonce: '' }));
    await metadata.deleteVersions(bucket.name, owner.accountId, targets);
    assert.equal(await metadata.deleteBucket(bucket.bucketId), 'deleted');
    assert.deepEqual(await objectFiles(), before);
  });
}
