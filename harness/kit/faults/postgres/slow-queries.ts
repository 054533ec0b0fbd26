import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Fault } from '../fault.ts';

/** Between two locks, for the queries that wait. */
const freeMs = 50;
/** Whoever waits for a lock makes all wait who come later; so it is given up soon. */
const lockTimeoutMs = 1_000;

/**
 * Queries of the files table wait up to `heldMs`: somebody takes it for himself again and again, as an operator's ALTER TABLE or
 * a backup does. It is a lock in the database, so it holds whichever way the gateways reach it.
 */
export function slowQueries(databaseUrl: string, heldMs: number): Fault {
  const end = new AbortController();
  let locks = 0;
  let database: Client | undefined;
  let holding: Promise<void> = Promise.resolve();

  const hold = async (client: Client) => {
    while (!end.signal.aborted) {
      await client.query('BEGIN');
      try {
        await client.query('LOCK TABLE files IN ACCESS EXCLUSIVE MODE');
        locks += 1;
        await sleep(heldMs, undefined, { signal: end.signal }).catch(() => {});
      } catch (error) {
        if ((error as { code?: string }).code !== lockNotAvailable) throw error;
      }
      await client.query('ROLLBACK');
      await sleep(freeMs);
    }
  };
  return {
    start: async () => {
      database = new Client({
        connectionString: databaseUrl,
        application_name: 'sextant-harness',
        lock_timeout: lockTimeoutMs,
      });
      // PostgreSQL may be stopped while this lasts: then queries are slower still.
      database.on('error', () => {});
      await database.connect();
      holding = hold(database).catch(() => {});
    },
    stop: async () => {
      end.abort();
      await holding;
      await database?.end().catch(() => {});
    },
    describe: () => `queries of the files table wait up to ${heldMs} ms (locked ${locks} times so far)`,
  };
}

const lockNotAvailable = '55P03';
