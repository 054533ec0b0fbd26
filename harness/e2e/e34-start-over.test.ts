/** A store that is stopped and started again over its data. A failure means that users lose files by a reboot. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { untilCensusIsClean } from '../kit/census/census.ts';
import { startCluster } from '../kit/cluster/start-cluster.ts';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { assertReadsBack, storeFile } from '../kit/workloads/seeded-file.ts';
import { MiB } from './sizes.ts';

const fileCount = 6;

testCase(
  'E34',
  'a start over existing data finds every file again, on other ports too',
  { cluster: 'own', needs: ['disks', 'database'], timeoutMs: 120_000 },
  async (ctx) => {
    const dataDir = await mkdtemp(join(ctx.newLogDir('data'), 'store-'));
    ctx.defer(() => rm(dataDir, { recursive: true, force: true }));
    const start = async () => {
      const cluster = await startCluster({ dataDir, logDir: ctx.newLogDir('cluster'), ephemeral: true });
      ctx.defer(() => cluster.stop());
      return cluster;
    };
    const files = Array.from({ length: fileCount }, (_, n) => {
      return { seed: `${ctx.seed}/${n}`, filename: `kept-${n}`, sizeBytes: ctx.choices.int(1, 6 * MiB) };
    });

    const first = await start();
    const stored = await Promise.all(files.map((file) => storeFile(restOf(ctx, first), file)));
    await first.stop();
    const second = await start();

    for (const [n, file] of files.entries()) await assertReadsBack(restOf(ctx, second), stored[n]?.file_id ?? '', file);
    await untilCensusIsClean(second, { replicas: 2 });
    await second.stop();
  },
);
