import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { Client } from 'pg';
import type { Logger } from '../../common/log.ts';

/** How long to wait for another gateway that is migrating, or for a table that somebody holds. */
const LOCK_TIMEOUT_MS = 60_000;

/** Brings the schema up to this program's version, in one transaction. Gateways that start together take turns. Throws what pg throws. */
export async function migrate(url: string, connectTimeoutMs: number, log: Logger): Promise<void> {
  const client = new Client({
    connectionString: url,
    application_name: 'sextant-migrations',
    connectionTimeoutMillis: connectTimeoutMs,
    lock_timeout: LOCK_TIMEOUT_MS,
    keepAlive: true,
  });
  client.on('error', () => {}); // The statement that is running rejects with the same error.
  try {
    await client.connect();
    const ran = await runner({
      dbClient: client,
      dir: fileURLToPath(new URL('./migrations', import.meta.url)),
      direction: 'up',
      migrationsTable: 'schema_migrations',
      advisoryLockMode: 'wait',
      logger: { info: () => {}, warn: (message) => log.warn(message), error: (message) => log.error(message) },
    });
    if (ran.length > 0)
      log.info({ migrations: ran.map(({ name }) => name) }, 'the database schema was brought up to date');
  } finally {
    await client.end().catch(() => {});
  }
}
