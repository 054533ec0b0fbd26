import { DatabaseError } from 'pg';
import { delay } from '../../common/clock.ts';
import type { ObjectMetadata } from '../objects/object-ports.ts';
import type { Metadata } from '../objects/ports.ts';
import type { ServerOperations } from '../objects/server-operations.ts';
import { accounts } from './accounts.ts';
import { buckets } from './buckets.ts';
import { Database, type DatabaseDeps, idempotent, type PostgresConfig } from './database.ts';
import { deletions } from './deletions.ts';
import { expiry } from './expiry.ts';
import { files } from './files.ts';
import { inventory } from './inventory.ts';
import { jobLocks } from './job-locks.ts';
import { jobStates } from './job-states.ts';
import { migrate } from './migrations.ts';
import { multipart } from './multipart.ts';
import { objectDeletes } from './object-deletes.ts';
import { objectListings } from './object-listings.ts';
import { objectLookup } from './object-lookup.ts';
import { objectPuts } from './object-puts.ts';
import { repairRecords } from './repair-records.ts';
import { replicaMoves } from './replica-moves.ts';
import { serverOperations } from './server-operations.ts';
import { servers } from './servers.ts';
import { classifySqlFailure } from './sql-failure.ts';
import { uploads } from './uploads.ts';

export interface PoolFigures {
  /** Open connections, those of them that nobody uses, and calls that wait for one. */
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

export interface PgMetadata extends Metadata, ObjectMetadata, ServerOperations, AsyncDisposable {
  readonly connections: () => PoolFigures;
}

/**
 * The metadata in PostgreSQL, ready to use: the schema is up to date. While the database is away it waits for it, up to
 * 30 s; then, and when the database refuses for good, it throws what pg throws.
 */
export async function connectMetadata(config: PostgresConfig, deps: DatabaseDeps): Promise<PgMetadata> {
  await migrateWhenReachable(config, deps);
  const database = new Database(config, deps);
  return {
    ...uploads(database),
    ...files(database),
    ...deletions(database),
    ...expiry(database),
    ...servers(database),
    ...serverOperations(database),
    ...replicaMoves(database),
    ...repairRecords(database),
    ...inventory(database),
    ...jobStates(database),
    ...jobLocks(database),
    ...accounts(database),
    ...buckets(database),
    ...objectLookup(database),
    ...objectPuts(database),
    ...objectDeletes(database),
    ...objectListings(database),
    ...multipart(database),
    ping: async () => void (await database.query('ping', 'SELECT 1', [], { ...idempotent, repeats: 0 })),
    connections: () => database.figures,
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

const START_PATIENCE_MS = 30_000;
const START_PAUSE_MS = 500;

async function migrateWhenReachable(config: PostgresConfig, { clock, log }: DatabaseDeps): Promise<void> {
  const startedMs = clock.monotonicMs();
  for (let tries = 1; ; tries++) {
    try {
      return await migrate(config.url, config.connectTimeoutMs, log);
    } catch (error) {
      const isLate = clock.monotonicMs() - startedMs + START_PAUSE_MS > START_PATIENCE_MS;
      if (isLate || isRefusal(error) || classifySqlFailure(error, true) === 'wrong') throw error;
      if (tries === 1) log.warn({ err: error }, 'the database cannot be reached yet; waiting for it');
      await delay(clock, START_PAUSE_MS);
    }
  }
}

/** A wrong password, or a database that does not exist: SQLSTATE classes 28 and 3D. Waiting does not mend them. */
function isRefusal(error: unknown): boolean {
  return error instanceof DatabaseError && ['28', '3D'].includes((error.code ?? '').slice(0, 2));
}
