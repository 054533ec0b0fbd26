import { randomBytes, randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { Client } from 'pg';
import { assert } from '../../common/assert.ts';
import { systemClock } from '../../common/clock.ts';
import { createLogger } from '../../common/log.ts';
import { systemRandom } from '../../common/random.ts';
import type { Commit, Reservation } from '../objects/ports.ts';
import { connectMetadata, type PgMetadata } from './connect.ts';
import type { DatabaseDeps, PostgresConfig } from './database.ts';

/** For tests: a database of their own on the real PostgreSQL that SEXTANT_TEST_POSTGRES_URL names. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  /** Runs a statement as an operator would, beside the pool. */
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
}

export async function createTestDatabase(): Promise<TestDatabase> {
  // biome-ignore lint/style/noProcessEnv: the runner of the tests names the server here, and only here.
  const serverUrl = process.env['SEXTANT_TEST_POSTGRES_URL'];
  assert(
    serverUrl !== undefined && serverUrl !== '',
    'SEXTANT_TEST_POSTGRES_URL is not set: these tests need a PostgreSQL server in which they may create databases',
  );
  const name = `metadata_${randomBytes(6).toString('hex')}`;
  await once(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const client = new Client(url.href);
  await client.connect();
  return {
    url: url.href,
    sql: async (text, values = []) => (await client.query(text, values)).rows,
    [Symbol.asyncDispose]: async () => {
      await client.end();
      await once(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function once(url: string, text: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

export function connectTo(
  url: string,
  config: Partial<PostgresConfig> = {},
  deps: Partial<DatabaseDeps> = {},
): Promise<PgMetadata> {
  const defaults = { url, poolMin: 1, poolMax: 10, statementTimeoutMs: 5_000, connectTimeoutMs: 3_000 };
  return connectMetadata(
    { ...defaults, ...config },
    { clock: systemClock, random: systemRandom, log: createLogger('test', 'silent'), ...deps },
  );
}

/** An empty database and the metadata over it, for the tests of one file. Both are closed after them. */
export async function testMetadata(): Promise<{ readonly database: TestDatabase; readonly metadata: PgMetadata }> {
  const database = await createTestDatabase();
  const metadata = await connectTo(database.url);
  after(async () => {
    await metadata[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });
  return { database, metadata };
}

/** An upload of six chunks on two of the servers `n0` to `n5` each. */
export function reservationOf(overrides: Partial<Reservation> = {}): Reservation {
  return {
    fileId: randomUUID(),
    sessionId: randomUUID(),
    isObject: false,
    filename: 'photo.jpg',
    contentType: 'image/jpeg',
    declaredBytes: 600,
    unitBytes: 100,
    leaseMs: 60_000,
    chunks: [0, 1, 2, 3, 4, 5].map((chunkNumber) => ({
      chunkId: randomUUID(),
      chunkNumber,
      serverIds: [`n${chunkNumber}`, `n${(chunkNumber + 1) % 6}`],
    })),
    ...overrides,
  };
}

export function commitOf(reservation: Reservation): Commit {
  return {
    fileId: reservation.fileId,
    sessionId: reservation.sessionId,
    sizeBytes: 600,
    sha256: 'ab'.repeat(32),
    unitBytes: 100,
    chunks: reservation.chunks.map((chunk) => ({ ...chunk, sizeBytes: 100, sha256: 'cd'.repeat(32) })),
  };
}

/** Stores a completed file and gives its reservation. */
export async function storeFile(metadata: PgMetadata, overrides: Partial<Reservation> = {}): Promise<Reservation> {
  const reservation = reservationOf(overrides);
  await metadata.reserve(reservation);
  assert((await metadata.commit(commitOf(reservation))) !== undefined, 'a reserved file could not be committed');
  return reservation;
}
