import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byBytes, testListings } from './listings.fixture.ts';

/**
 * What a page reads, counted by the database: a listing that read what it passes over would be right in a small bucket,
 * and slow in a large one.
 */

const { database, newBucket, insertVersions } = await testListings();

/** How many rows of object_versions one listing reads. The counters are of this connection, and told at once inside a transaction. */
async function rowsRead(call: string, values: unknown[]): Promise<number> {
  const counted = async () => {
    const [row] = await database.sql<{ n: string }>(
      `SELECT idx_tup_fetch + seq_tup_read AS n FROM pg_stat_xact_user_tables WHERE relname = 'object_versions'`,
    );
    return Number(row?.n);
  };
  await database.sql('BEGIN');
  const before = await counted();
  await database.sql(`SELECT * FROM ${call}`, values);
  const after = await counted();
  await database.sql('COMMIT');
  return after - before;
}

const LIST_OBJECTS = `list_objects($1, '', $2, $3, '\\xff', '', NULL, 101)`;

test('a page reads the rows that it shows and no others, wherever it begins', async () => {
  const bucketId = await newBucket();
  await insertVersions(
    bucketId,
    Array.from({ length: 2_000 }, (_, i) => `key-${String(i).padStart(5, '0')}`),
  );
  for (const delimiter of ['', '/']) {
    for (const first of ['key-00000', 'key-01000', 'key-01890']) {
      const read = await rowsRead(LIST_OBJECTS, [bucketId, Buffer.from(delimiter), Buffer.from(first)]);
      assert.equal(read, 101, `delimiter '${delimiter}', from ${first}`);
    }
  }
});

test('a page in the middle of a key with many versions reads what it shows and no others', async () => {
  const bucketId = await newBucket();
  await insertVersions(bucketId, Array(2_000).fill('key'));
  const ids = await database.sql<{ version_id: string }>(
    'SELECT version_id FROM object_versions WHERE bucket_id = $1 ORDER BY version_uid DESC',
    [bucketId],
  );
  for (const at of [0, 1_000, 1_890]) {
    const call = `list_versions($1, '', '', 'key\\000', '\\xff', 'key', $2, 101)`;
    assert.equal(await rowsRead(call, [bucketId, ids[at]?.version_id]), 101, `behind version ${at}`);
  }
});

test('a listing with a delimiter leaps over what is behind a common prefix', async () => {
  const bucketId = await newBucket();
  const keys = Array.from({ length: 5_000 }, (_, i) => `dir-${String(i % 50).padStart(2, '0')}/file-${i}`);
  await insertVersions(bucketId, keys.sort(byBytes));
  // A cursor fetches ten rows at once; of a hundred in each of the fifty groups it must not read more.
  const read = await rowsRead(LIST_OBJECTS, [bucketId, Buffer.from('/'), Buffer.alloc(0)]);
  assert.ok(read <= 50 * 10, `${read} rows for 50 common prefixes of 100 keys each`);
});
