/** Deleting must give the space back. A failure means that disks fill with chunks that nobody can reach. */
import assert from 'node:assert/strict';
import { databaseOf } from '../kit/census/census.ts';
import { readDisks } from '../kit/census/chunk-files.ts';
import { MetadataTables } from '../kit/census/metadata-tables.ts';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { until } from '../kit/testing/until.ts';
import { storeFile } from '../kit/workloads/seeded-file.ts';
import { assertRefused } from './refusal.ts';
import { MiB } from './sizes.ts';

testCase(
  'E6',
  'delete removes the file, its rows, and its chunks on every node',
  { needs: ['database', 'disks'] },
  async (ctx) => {
    const { target } = ctx;
    const rest = restOf(ctx);
    const { file_id } = await storeFile(rest, { seed: ctx.seed, filename: 'delete-me.bin', sizeBytes: 3 * MiB });
    const { body: metadata } = await rest.metadata(file_id);
    const replicas = metadata.chunks.flatMap((chunk) => chunk.replicas.map((server) => `${server}/${chunk.chunk_id}`));
    const stillThere = async () => {
      const disks = await readDisks(target.nodes);
      const onDisk = disks.flatMap(({ serverId, chunkIds }) => chunkIds.map((chunkId) => `${serverId}/${chunkId}`));
      return replicas.filter((replica) => onDisk.includes(replica));
    };
    assert.deepEqual(await stillThere(), replicas, 'all replicas lie where the metadata says');

    const answer = await rest.delete(file_id);

    assert.equal(answer.status, 200);
    assert.equal(answer.body.file_id, file_id);
    assert.match(answer.body.message, /deleted/);
    assertRefused(await rest.send({ method: 'GET', path: `/files/${file_id}` }), 404, 'FileNotFound');
    assertRefused(await rest.metadata(file_id), 404, 'FileNotFound');
    assertRefused(await rest.delete(file_id), 404, 'FileNotFound');
    await using tables = await MetadataTables.connect(databaseOf(target));
    assert.deepEqual(await tables.rowsOf(file_id), { files: 0, chunks: 0, upload_sessions: 0 });
    await until({ what: 'the chunk files to go from every node', withinMs: 10_000 }, async () => {
      return (await stillThere()).length === 0;
    });
  },
);
