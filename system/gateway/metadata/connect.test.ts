import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultyProxy } from './faulty-proxy.ts';
import { connectTo, createTestDatabase, storeFile } from './test-database.ts';

test('gateways that start at once on an empty database all find the schema, made once', async () => {
  await using database = await createTestDatabase();
  const gateways = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => connectTo(database.url)));
  await Promise.all(gateways.map((gateway) => storeFile(gateway)));
  const names = await database.sql<{ name: string }>('SELECT name FROM schema_migrations ORDER BY id');
  assert.equal(new Set(names.map(({ name }) => name)).size, names.length);
  assert.ok(names.length > 0);
  for (const gateway of gateways) await gateway[Symbol.asyncDispose]();
});

test('a gateway that starts before its database waits for it', async () => {
  await using database = await createTestDatabase();
  await using proxy = await FaultyProxy.before(database.url);
  await proxy.refuse();
  const connecting = connectTo(proxy.url);
  await sleep(200);
  await proxy.accept();
  await using metadata = await connecting;
  await metadata.ping();
});

test('a password that is wrong fails the start with what PostgreSQL says', async () => {
  await using database = await createTestDatabase();
  const url = new URL(database.url);
  url.password = 'wrong';
  await assert.rejects(connectTo(url.href), { code: '28P01' });
});

test('the pool opens its minimum before anybody asks for it', async () => {
  await using database = await createTestDatabase();
  await using metadata = await connectTo(database.url, { poolMin: 4 });
  await until(() => metadata.connections().idle === 4, 'four connections are open and idle');
});

test('the pool stays within its bounds under more callers than connections, and shrinks to its minimum', async () => {
  await using database = await createTestDatabase();
  await using metadata = await connectTo(database.url, { poolMin: 2, poolMax: 5, idleTimeoutMs: 50 });
  let most = 0;
  await Promise.all(
    Array.from({ length: 60 }, async () => {
      await storeFile(metadata);
      most = Math.max(most, metadata.connections().total);
    }),
  );
  assert.equal(most, 5);
  await until(() => metadata.connections().total === 2, 'the pool has shrunk');
});

test('statements also work without being prepared, for a pooler that cannot keep them', async () => {
  await using database = await createTestDatabase();
  await using metadata = await connectTo(database.url, { prepareStatements: false });
  const { fileId } = await storeFile(metadata);
  assert.equal((await metadata.listFiles(1, 10, undefined)).total, 1);
  assert.equal((await metadata.file(fileId))?.chunks.length, 6);
});

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 3_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `within 3 s it did not happen that ${what}`);
    await sleep(10);
  }
}
