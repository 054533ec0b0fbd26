import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from 'pg';
import { PostgresProcess } from '../../cluster/managed-postgres.ts';
import { freePort } from '../../cluster/ports.ts';
import { scratchDir } from '../../cluster/scratch.ts';
import { until } from '../../testing/until.ts';
import { during } from '../fault.ts';
import { sessionsCut } from './sessions-cut.ts';
import { slowQueries } from './slow-queries.ts';

const withinMs = 10_000;

describe('a PostgreSQL at work', () => {
  let dir: string;
  let postgres: PostgresProcess;

  before(async () => {
    dir = await scratchDir('postgres-faults');
    const logFile = join(dir, 'postgres.log');
    postgres = new PostgresProcess({ dataDir: join(dir, 'postgres'), port: await freePort(), logFile, durable: false });
    await postgres.start();
    const client = await connected();
    await client.query('CREATE TABLE files (file_id int)');
    await client.end();
  });
  after(async () => {
    await postgres.stop();
    await rm(dir, { recursive: true });
  });

  test('lets queries of the files table wait again and again, and no others, until it is over', async () => {
    const heldMs = 400;
    const client = await connected();
    const fault = slowQueries(postgres.url, heldMs);
    await during(fault, async () => {
      for (let n = 0; n < 2; n++) {
        await until({ what: 'a query to wait', withinMs, pollMs: 1 }, async () => {
          return (await msOf(client, 'SELECT * FROM files')) > heldMs / 2;
        });
      }
      assert.ok((await msOf(client, 'SELECT 1')) < heldMs / 2);
      assert.match(fault.describe(), /\(locked [1-9]\d* times so far\)$/);
    });
    for (let n = 0; n < 10; n++) assert.ok((await msOf(client, 'SELECT * FROM files')) < heldMs / 2);
    await client.end();
  });

  test('cuts the sessions of gateways and takes new ones', async () => {
    const session = await connected();
    let hasEnded = false;
    session.once('end', () => {
      hasEnded = true;
    });
    await during(sessionsCut(postgres.url), () => until({ what: 'the session to end', withinMs }, () => hasEnded));
    await (await connected()).end();
  });

  async function connected(): Promise<Client> {
    const client = new Client({ connectionString: postgres.url, application_name: 'sextant-gateway' });
    // Being cut off is what one of these faults is about.
    client.on('error', () => {});
    await client.connect();
    return client;
  }
});

async function msOf(client: Client, query: string): Promise<number> {
  const sinceMs = performance.now();
  await client.query(query);
  return performance.now() - sinceMs;
}
