import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Listed, ListedUpload, ListedVersion, ListingEntry } from '../objects/object-ports.ts';
import { byBytes, testListings } from './listings.fixture.ts';

/** Pages against a listing that is computed here from all the keys. */

const { database, metadata, newBucket, insertVersions, insertUploads } = await testListings();
const shape = { prefix: '', delimiter: '', limit: 1_000 };

/** What a client sees: names of items, and common prefixes in parentheses. */
function shown<Item>(listed: Listed<Item>, nameOf: (item: Item) => string): string[] {
  return listed.entries.map((entry) => ('item' in entry ? nameOf(entry.item) : `(${entry.commonPrefix})`));
}

/** The same by the definition: `names` are in order, each a key and perhaps more behind a line feed. */
function expected(names: readonly string[], prefix: string, delimiter: string): string[] {
  const entries = names
    .filter((name) => name.startsWith(prefix))
    .map((name) => {
      const at = delimiter === '' ? -1 : (name.split('\n')[0] ?? '').indexOf(delimiter, prefix.length);
      return at === -1 ? name : `(${name.slice(0, at + delimiter.length)})`;
    });
  return entries.filter((entry, i) => entry !== entries[i - 1] || !entry.startsWith('('));
}

/** All pages, each begun as a client begins it: behind the last entry of the one before. */
async function allPages<Item>(
  page: (last: ListingEntry<Item> | undefined) => Promise<Listed<Item>>,
  nameOf: (item: Item) => string,
  limit: number,
): Promise<string[]> {
  const all: string[] = [];
  let last: ListingEntry<Item> | undefined;
  for (;;) {
    const listed = await page(last);
    all.push(...shown(listed, nameOf));
    assert.ok(listed.entries.length <= limit);
    assert.ok(all.length < 1_000, 'the pages repeat themselves');
    if (!listed.isTruncated) return all;
    assert.equal(listed.entries.length, limit, 'a page that is not the last one is full');
    last = listed.entries.at(-1);
  }
}

const alphabet = fc.constantFrom('a', 'b', '/', '/', '-', '\0', '\x7f', 'é', '\u{10FFFF}');
const someKey = fc.string({ unit: alphabet, minLength: 1, maxLength: 5 });
const request = fc.record({
  keys: fc.array(someKey, { minLength: 1, maxLength: 40 }),
  prefix: fc.oneof(
    fc.constant(''),
    someKey.map((key) => key.slice(0, 1)),
    fc.constantFrom('a', 'a/', '/', 'a/a'),
  ),
  delimiter: fc.constantFrom('', '/', '/', '-', '//', '/a', 'é'),
  limit: fc.integer({ min: 1, max: 5 }),
});

test('pages of keys are together what the definition says, for any keys, prefix, delimiter and limit', async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ keys, prefix, delimiter, limit }) => {
      const bucketId = await newBucket();
      const wellFormed = [...new Set(keys.filter((key) => key.isWellFormed()))].sort(byBytes);
      await insertVersions(bucketId, wellFormed);
      const page = { prefix: prefix.isWellFormed() ? prefix : '', delimiter, limit };
      const listed = await allPages<ListedVersion>(
        (last) => {
          const after = last === undefined ? '' : 'item' in last ? last.item.key : last.commonPrefix;
          return metadata.listObjects(bucketId, { ...page, after });
        },
        ({ key }) => key,
        limit,
      );
      assert.deepEqual(listed, expected(wellFormed, page.prefix, delimiter));
    }),
    { numRuns: 150 },
  );
});

test('pages of versions are together what the definition says, newest first within a key', async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ keys, prefix, delimiter, limit }) => {
      const bucketId = await newBucket();
      const wellFormed = keys.filter((key) => key.isWellFormed());
      await insertVersions(bucketId, wellFormed, true);
      const rows = await database.sql<{ object_key: Buffer; version_id: string }>(
        'SELECT object_key, version_id FROM object_versions WHERE bucket_id = $1 ORDER BY version_uid DESC',
        [bucketId],
      );
      const names = rows.map((row) => [row.object_key.toString(), row.version_id] as const);
      names.sort(([a], [b]) => byBytes(a, b)); // Stable: the newest stay first.
      const page = { prefix: prefix.isWellFormed() ? prefix : '', delimiter, limit };
      const listed = await allPages<ListedVersion>(
        (last) => {
          if (last === undefined || 'item' in last) {
            const after = { afterKey: last?.item.key ?? '', afterVersionId: last?.item.versionId };
            return metadata.listVersions(bucketId, { ...page, ...after });
          }
          return metadata.listVersions(bucketId, { ...page, afterKey: last.commonPrefix, afterVersionId: undefined });
        },
        ({ key, versionId }) => `${key}\n${versionId}`,
        limit,
      );
      assert.deepEqual(
        listed,
        expected(
          names.map((name) => name.join('\n')),
          page.prefix,
          delimiter,
        ),
      );
    }),
    { numRuns: 150 },
  );
});

test('pages of uploads are together what the definition says, the oldest first within a key', async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ keys, prefix, delimiter, limit }) => {
      const bucketId = await newBucket();
      await insertUploads(
        bucketId,
        keys.filter((key) => key.isWellFormed()),
      );
      const rows = await database.sql<{ object_key: Buffer; upload_id: string }>(
        'SELECT object_key, upload_id FROM multipart_uploads WHERE bucket_id = $1 ORDER BY object_key, initiated_at, upload_id',
        [bucketId],
      );
      const page = { prefix: prefix.isWellFormed() ? prefix : '', delimiter, limit };
      const listed = await allPages<ListedUpload>(
        (last) => {
          if (last === undefined || 'item' in last) {
            const after = { afterKey: last?.item.key ?? '', afterUploadId: last?.item.uploadId };
            return metadata.listUploads(bucketId, { ...page, ...after });
          }
          return metadata.listUploads(bucketId, { ...page, afterKey: last.commonPrefix, afterUploadId: undefined });
        },
        ({ key, uploadId }) => `${key}\n${uploadId}`,
        limit,
      );
      const names = rows.map((row) => `${row.object_key.toString()}\n${row.upload_id}`);
      assert.deepEqual(listed, expected(names, page.prefix, delimiter));
    }),
    { numRuns: 150 },
  );
});

test('a listing of keys shows what is current, with its owner and storage class; one of versions shows all', async () => {
  const bucketId = await newBucket();
  // The third and the sixth are delete markers: of `gone` the newest, of `back` an older one.
  await insertVersions(bucketId, ['back', 'gone', 'back', 'back', 'other', 'gone'], true);
  const objects = await metadata.listObjects(bucketId, { ...shape, after: '' });
  assert.deepEqual(
    shown(objects, ({ key }) => key),
    ['back', 'other'],
  );
  const [first] = objects.entries;
  assert.ok(first !== undefined && 'item' in first);
  assert.deepEqual(first.item.owner, { accountId: 'ada', displayName: 'Ada', email: 'ada@example.com' });
  assert.equal(first.item.storageClass, 'GLACIER');
  const versions = await metadata.listVersions(bucketId, { ...shape, afterKey: '', afterVersionId: undefined });
  assert.deepEqual(
    shown(versions, (item) => `${item.key} ${item.isDeleteMarker ? 'gone' : 'here'} ${item.isLatest}`),
    ['back here true', 'back gone false', 'back here false', 'gone gone true', 'gone here false', 'other here true'],
  );
});

test('a key marker without a version passes over all versions of the key', async () => {
  const bucketId = await newBucket();
  await insertVersions(bucketId, ['a', 'a', 'b', 'a']);
  const page = await metadata.listVersions(bucketId, { ...shape, afterKey: 'a', afterVersionId: undefined });
  assert.deepEqual(
    shown(page, ({ key }) => key),
    ['b'],
  );
});

test('behind a version that was deleted meanwhile, what is left of its key is listed', async () => {
  const bucketId = await newBucket();
  await insertVersions(bucketId, ['a', 'a', 'a', 'b']);
  await database.sql(
    `UPDATE object_versions SET version_id = 'null' WHERE version_uid = (
       SELECT max(version_uid) FROM object_versions WHERE bucket_id = $1 AND object_key = 'a')`,
    [bucketId],
  );
  const first = await metadata.listVersions(bucketId, { ...shape, limit: 1, afterKey: '', afterVersionId: undefined });
  assert.deepEqual(
    shown(first, ({ versionId }) => versionId),
    ['null'],
  );
  await database.sql(`DELETE FROM object_versions WHERE bucket_id = $1 AND version_id = 'null'`, [bucketId]);
  const rest = await metadata.listVersions(bucketId, { ...shape, afterKey: 'a', afterVersionId: 'null' });
  assert.deepEqual(
    shown(rest, ({ key }) => key),
    ['a', 'a', 'b'],
  );
});

test('uploads that were completed are not listed', async () => {
  const bucketId = await newBucket();
  await insertUploads(bucketId, ['a', 'b']);
  await database.sql(
    `UPDATE multipart_uploads SET completed = '{}', completed_at = now() WHERE bucket_id = $1 AND object_key = 'a'`,
    [bucketId],
  );
  const listed = await metadata.listUploads(bucketId, { ...shape, afterKey: '', afterUploadId: undefined });
  assert.deepEqual(
    shown(listed, ({ key }) => key),
    ['b'],
  );
});

test('a limit of 0 lists nothing', async () => {
  const bucketId = await newBucket();
  await insertVersions(bucketId, ['a']);
  const listed = await metadata.listObjects(bucketId, { ...shape, limit: 0, after: '' });
  assert.deepEqual(listed, { entries: [], isTruncated: false });
});
