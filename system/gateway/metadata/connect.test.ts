import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../common/clock.ts';
import { FaultyProxy } from './faulty-proxy.ts';
import { connectTo, createTestDatabase, storeFile } from './test-database.ts';
import { until } from './until.ts';

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
  let pauses = 0;
  const after: typeof systemClock.after = (delayMs, callback) => {
    pauses++;
    return systemClock.after(delayMs, callback);
  };
  const connecting = connectTo(proxy.url, {}, { clock: { ...systemClock, after } });
  await until('the gateway was refused and waits', () => pauses === 1);
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
  await until('four connections are open and idle', () => metadata.connections().idle === 4);
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
  await until('the pool has shrunk', () => metadata.connections().total === 2);
});

test('statements also work without being prepared, for a pooler that cannot keep them', async () => {
  await using database = await createTestDatabase();
  await using metadata = await connectTo(database.url, { prepareStatements: false });
  const { fileId } = await storeFile(metadata);
  assert.equal((await metadata.listFiles(1, 10, undefined)).total, 1);
  assert.equal((await metadata.file(fileId))?.chunks.length, 6);
});
