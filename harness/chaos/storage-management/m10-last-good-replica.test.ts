/**
 * Damages every replica of a chunk, each in another way. Nothing can be mended then: what is asked for is honesty. A
 * failure means wrong bytes to a client, or a loss that nobody is told of.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { AdminClient } from '../../kit/clients/admin-client.ts';
import type { RestClient } from '../../kit/clients/rest-client.ts';
import { deleteChunkFile, flipBit } from '../../kit/faults/chunk-damage.ts';
import { verifySeeded } from '../../kit/seed/verify-seeded.ts';
import { ownCluster, restOf } from '../../kit/testing/fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { assertAllReadBack, type StoredFile, storeFiles } from '../../kit/workloads/stored-files.ts';
import { KiB, settled } from './quick-settings.ts';

testCase(
  'M10',
  'a chunk without a good replica is reported loudly, and its file answers an error, never wrong bytes',
  { cluster: 'own', phase: 2 },
  async (ctx) => {
    // A replica that moves between being looked up and being damaged would leave a good one.
    await using cluster = await ownCluster(ctx, { ...settled, nodes: 4 });
    const rest = restOf(ctx, cluster);
    const admin = new AdminClient(rest);
    const [victim, ...others] = await storeFiles(rest, { seed: ctx.seed, count: 6, sizeBytes: 600 * KiB });
    assert.ok(victim);
    const chunk = ctx.choices.pick((await rest.metadata(victim.fileId)).body.chunks);
    const only = { among: new Set([chunk.chunk_id]) };
    const [first, second] = chunk.replicas.map((id) => cluster.nodes.find(({ serverId }) => serverId === id)?.dataDir);
    await flipBit(String(first), ctx.seed, { ...only, region: 'block' }).start();
    await deleteChunkFile(String(second), ctx.seed, only).start();

    await assertAnswersAnError(rest, victim);
    await admin.start('scrub');
    const lost = await until({ what: 'the loss at /admin/repair', withinMs: 20_000 }, async () => {
      return (await admin.repair()).lost.find(({ chunk_id }) => chunk_id === chunk.chunk_id);
    });

    assert.equal(lost.file_id, victim.fileId);
    assert.equal((await admin.repair()).lost_chunks, 1);
    await until({ what: 'an error in the log that names the chunk', withinMs: 5_000 }, async () => {
      const lines = (await readFile(cluster.gateways[0]?.logFile ?? '', 'utf8')).split('\n');
      return lines.some((line) => line.includes(chunk.chunk_id) && /"level":(50|"error")/.test(line));
    });
    await assertAnswersAnError(rest, victim);
    await assertAllReadBack(rest, others);
  },
);

/** An error status, or a connection that breaks behind right bytes only. */
async function assertAnswersAnError(rest: RestClient, file: StoredFile): Promise<void> {
  const { status, stream } = await rest.download(file.fileId);
  if (status !== 200) {
    stream.resume();
    assert.ok(status >= 500, `the file was answered with ${status}`);
    return;
  }
  const verdict = await verifySeeded(stream, file.seed, file.sizeBytes).catch(() => null);
  assert.ok(verdict === null || !verdict.isWhole, 'a file without a good replica was read whole');
  assert.ok(verdict === null || verdict.firstWrongOffset === null, verdict?.message);
}
