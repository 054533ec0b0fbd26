/**
 * 200 clients on a pool of at most 50 connections to PostgreSQL. A failure means that clients are turned away or
 * wait for ever, that the pool grows past what the database was promised, or that connections leak.
 */
import assert from 'node:assert/strict';
import { databaseOf } from '../kit/census/census.ts';
import { MetadataTables } from '../kit/census/metadata-tables.ts';
import type { RestClient } from '../kit/clients/rest-client.ts';
import type { Choices } from '../kit/seed/choices.ts';
import { ownCluster, restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { until } from '../kit/testing/until.ts';
import { assertReadsBack, type SeededFile, storeFile } from '../kit/workloads/seeded-file.ts';
import { KiB } from './sizes.ts';

const clients = 200;
const callsPerClient = 10;
const pool = { min: 20, max: 50 };
/** Connections above the minimum may stay for 30 s after their last use. */
const shrinkWithinMs = 45_000;

testCase(
  'C4',
  'more clients than pool connections are all served, the pool stays within 20 to 50, and nothing leaks',
  { needs: ['database'], tags: ['concurrent'], timeoutMs: 120_000 },
  async (ctx) => {
    const rest = restOf(ctx);
    await using tables = await MetadataTables.connect(databaseOf(ctx.target));
    await until({ what: 'the pool to be filled', withinMs: 20_000 }, async () => {
      return (await tables.gatewayConnections()).total >= pool.min;
    });
    const samples = new PoolSamples(tables);

    const file = { seed: ctx.seed, filename: 'shared.bin', sizeBytes: 10 * KiB };
    const { file_id } = await storeFile(rest, file);
    const work = Array.from({ length: clients }, (_, n) => oneClient(rest, ctx.choices.fork(`${n}`), file_id, file));
    const served = Promise.all(work).finally(() => samples.stop());
    const [outcome] = await Promise.allSettled([served, samples.takeUntilStopped()]);
    if (outcome.status === 'rejected') throw outcome.reason;

    assert.ok(samples.count >= 5, `only ${samples.count} looks were taken at the pool`);
    assert.ok(samples.highest <= pool.max, `the gateway had ${samples.highest} connections`);
    assert.ok(samples.lowest >= pool.min, `the gateway had only ${samples.lowest} connections`);
    ctx.note('connections under load', `${samples.lowest} to ${samples.highest}`);
    await until({ what: 'every connection to be idle again', withinMs: 10_000 }, async () => {
      const { total, idle } = await tables.gatewayConnections();
      return idle === total && total >= pool.min && total <= pool.max;
    });
  },
);

testCase(
  'C4b',
  'a pool that has grown to 50 connections shrinks to 20 when nobody uses them',
  { needs: ['database'], cluster: 'own', tags: ['slow', 'concurrent'], timeoutMs: 120_000 },
  async (ctx) => {
    await using cluster = await ownCluster(ctx, { nodes: 2 });
    const rest = restOf(ctx, cluster);
    await using tables = await MetadataTables.connect(cluster.databaseUrl);
    const total = async () => (await tables.gatewayConnections()).total;

    await until({ what: 'the pool to grow to its limit', withinMs: 20_000 }, async () => {
      await Promise.all(Array.from({ length: clients }, () => rest.list()));
      return (await total()) === pool.max;
    });

    await until({ what: 'the pool to shrink', withinMs: shrinkWithinMs }, async () => (await total()) === pool.min);
  },
);

/** Reads and writes that each need the database. Throws unless every one is answered as if the client were alone. */
async function oneClient(rest: RestClient, choices: Choices, fileId: string, file: SeededFile): Promise<void> {
  for (let n = 0; n < callsPerClient; n++) {
    const what = choices.int(0, 99);
    if (what < 45) assert.equal((await rest.metadata(fileId)).status, 200);
    else if (what < 80) assert.equal((await rest.list({ page: choices.int(1, 3) })).status, 200);
    else if (what < 95) await assertReadsBack(rest, fileId, file);
    else {
      const own = { seed: `${file.seed}/${choices.int(0, 1e9)}`, filename: 'own.bin', sizeBytes: choices.int(1, 1000) };
      const { file_id } = await storeFile(rest, own);
      assert.equal((await rest.delete(file_id)).status, 200);
    }
  }
}

class PoolSamples {
  count = 0;
  lowest = Number.POSITIVE_INFINITY;
  highest = 0;
  readonly #tables: MetadataTables;
  #isStopped = false;

  constructor(tables: MetadataTables) {
    this.#tables = tables;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Looks again and again, as fast as the database answers. */
  async takeUntilStopped(): Promise<void> {
    while (!this.#isStopped) {
      const { total } = await this.#tables.gatewayConnections();
      this.count += 1;
      this.lowest = Math.min(this.lowest, total);
      this.highest = Math.max(this.highest, total);
    }
  }
}
