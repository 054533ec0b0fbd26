import type { PoolClient } from 'pg';
import { StoreError } from '../objects/errors.ts';
import type { Metadata } from '../objects/ports.ts';
import { type Database, idempotent } from './database.ts';

/** The server drops a connection, and its lock, that is silent for 30 s; this confirms it in time. */
const CONFIRM_INTERVAL_MS = 5_000;

/**
 * One gateway at a time does a job. The lock is PostgreSQL's own and belongs to a transaction that stays open
 * on a connection of its own while the job runs: it ends with the job, with the process, and with the network to it.
 * A transaction's lock works through PgBouncer, a session's would not; and as the transaction has no
 * snapshot, it does not hold vacuum back.
 */
export function jobLocks(database: Database): Pick<Metadata, 'withJobLock'> {
  return {
    async withJobLock(name, job) {
      const client = await takeLock(database, name);
      if (client === undefined) return undefined;
      using held = confirm(database, client, name);
      try {
        return await job(held.signal);
      } finally {
        await letGo(client, held);
      }
    },
  };
}

function takeLock(database: Database, name: string): Promise<PoolClient | undefined> {
  return database.repeating(idempotent, async (sent) => {
    const client = await database.connect();
    let taken = false;
    let broken = true;
    try {
      sent();
      await client.query('BEGIN');
      const { rows } = await client.query<{ taken: boolean }>(TRY_LOCK, [name]);
      taken = rows[0]?.taken === true;
      if (!taken) await client.query('ROLLBACK');
      broken = false;
    } finally {
      if (!taken) client.release(broken);
    }
    return taken ? client : undefined;
  });
}

const TRY_LOCK = `SELECT pg_try_advisory_xact_lock(hashtextextended('sextant job ' || $1, 0)) AS taken`;

interface Held extends Disposable {
  /** Aborted when the connection, and with it the lock, is gone. */
  readonly signal: AbortSignal;
  /** Resolves when no confirmation is under way any more. */
  settled(): Promise<void>;
}

function confirm(database: Database, client: PoolClient, name: string): Held {
  const controller = new AbortController();
  const { log, clock } = database.deps;
  let confirming: Promise<void> | undefined;
  const lost = (error: unknown) => {
    if (controller.signal.aborted) return;
    log.warn({ err: error, job: name }, 'the lock of a running job was lost with its database connection');
    controller.abort(
      new StoreError('DatabaseUnavailable', 'the database connection that held a job lock broke', error),
    );
  };
  const timer = clock.every(CONFIRM_INTERVAL_MS, () => {
    if (confirming !== undefined || controller.signal.aborted) return;
    confirming = client.query('SELECT 1').then(
      () => {
        confirming = undefined;
      },
      (error) => {
        confirming = undefined;
        lost(error);
      },
    );
  });
  client.on('error', lost);
  return {
    signal: controller.signal,
    settled: async () => {
      timer.cancel();
      await confirming;
    },
    [Symbol.dispose]: () => {
      timer.cancel();
      client.removeListener('error', lost);
    },
  };
}

async function letGo(client: PoolClient, held: Held): Promise<void> {
  await held.settled();
  let broken = held.signal.aborted;
  try {
    if (!broken) await client.query('COMMIT');
  } catch {
    broken = true; // The lock went with the connection.
  }
  client.release(broken);
}
