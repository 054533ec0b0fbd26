/**
 * Kills the gateway by kill -9 while some uploads are acknowledged and others are under way, and starts it again.
 * A failure means that an acknowledged file is lost, or that what was never acknowledged stays for ever.
 */
import assert from 'node:assert/strict';
import { takeCensus, untilCensusIsClean } from '../kit/census/census.ts';
import { MetadataTables } from '../kit/census/metadata-tables.ts';
import type { RestClient } from '../kit/clients/rest-client.ts';
import { seededBytes } from '../kit/seed/seeded-bytes.ts';
import { ownCluster, restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { until } from '../kit/testing/until.ts';
import { assertReadsBack, type SeededFile, storeFile } from '../kit/workloads/seeded-file.ts';
import { assertRefused } from './refusal.ts';
import { MiB } from './sizes.ts';

const acknowledgedFiles = 8;
const interruptedFiles = 8;
const replicas = 2;

testCase(
  'E12',
  'kill -9 of the gateway during uploads loses no acknowledged file, and the space of the others comes back',
  { cluster: 'own', needs: ['processes', 'database', 'disks'], timeoutMs: 120_000 },
  async (ctx) => {
    const gatewaySettings = { SEXTANT_SESSION_LEASE_MS: '1500', SEXTANT_CLEANUP_INTERVAL_MS: '500' };
    await using cluster = await ownCluster(ctx, { replicas, gatewaySettings });
    const rest = restOf(ctx, cluster);
    const seeded = (name: string): SeededFile => {
      return { seed: `${ctx.seed}/${name}`, filename: name, sizeBytes: ctx.choices.int(MiB, 8 * MiB) };
    };
    const acknowledged = Array.from({ length: acknowledgedFiles }, (_, n) => seeded(`acknowledged-${n}`));
    const interrupted = Array.from({ length: interruptedFiles }, (_, n) => seeded(`interrupted-${n}`));

    const unfinished = Promise.allSettled(
      interrupted.map((file) => uploadInPart(rest, file, ctx.choices.int(1, file.sizeBytes - 1))),
    );
    const stored = await Promise.all(acknowledged.map((file) => storeFile(rest, file)));
    await using tables = await MetadataTables.connect(cluster.databaseUrl);
    const names = interrupted.map(({ filename }) => filename);
    const reserved = await until({ what: 'all uploads to be under way', withinMs: 20_000 }, async () => {
      const rows = await tables.filesNamed(names);
      return rows.length === names.length && rows;
    });
    await cluster.gateways[0]?.kill('SIGKILL');
    for (const outcome of await unfinished) {
      assert.equal(outcome.status, 'rejected', 'an upload that was cut off is not answered');
    }
    const left = await takeCensus(cluster, replicas);
    assert.ok(left.length >= interruptedFiles, 'the gateway was killed in the middle of the uploads');
    await cluster.startAll();

    for (const [n, file] of acknowledged.entries()) await assertReadsBack(rest, stored[n]?.file_id ?? '', file);
    await untilCensusIsClean(cluster, { replicas });
    assert.deepEqual(await tables.filesNamed(names), []);
    for (const { file_id } of reserved) {
      assertRefused(await rest.metadata(file_id), 404, 'FileNotFound');
      assert.deepEqual(await tables.rowsOf(file_id), { files: 0, chunks: 0, upload_sessions: 0 });
    }
  },
);

/** Declares the whole file, sends `bytes` of it, and then nothing more. Rejects when the connection breaks. */
function uploadInPart(rest: RestClient, file: SeededFile, bytes: number): Promise<unknown> {
  async function* data() {
    yield* seededBytes(file.seed, bytes);
    await new Promise(() => {});
  }
  return rest.upload({ filename: file.filename, data: data(), sizeBytes: file.sizeBytes });
}
