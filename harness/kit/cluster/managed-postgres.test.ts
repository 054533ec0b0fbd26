import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PostgresProcess } from './managed-postgres.ts';
import { freePort } from './ports.ts';
import { StartFailed } from './target.ts';

test('PostgreSQL is told of once, as soon as it is spawned, also when it does not come up', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sextant-managed-postgres-'));
  try {
    const told: string[] = [];
    const postgres = new PostgresProcess({
      dataDir: join(dir, 'postgres'),
      port: await freePort(),
      logFile: join(dir, 'postgres.log'),
      durable: false,
      onSpawn: (name, pid) => told.push(`${name} ${pid}`),
    });
    await postgres.start();
    assert.deepEqual(told, [`postgres ${postgres.pid}`]);
    await postgres.stop();
    await appendFile(join(dir, 'postgres/cluster/postgresql.conf'), 'no setting at all\n');
    await assert.rejects(postgres.start(), StartFailed);
    assert.equal(told.length, 2);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
