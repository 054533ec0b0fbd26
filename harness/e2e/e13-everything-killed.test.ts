/**
 * Kill -9 to the gateway, the nodes and PostgreSQL at once, right behind the last acknowledgement. It cannot show
 * what a power cut does to a disk's cache, but it shows that nothing acknowledged was only in some process.
 */
import { untilCensusIsClean } from '../kit/census/census.ts';
import { ownCluster, restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { assertReadsBack, storeFile } from '../kit/workloads/seeded-file.ts';
import { MiB } from './sizes.ts';

const fileCount = 12;

testCase(
  'E13',
  'everything acknowledged reads back after kill -9 of gateway, nodes and PostgreSQL',
  { cluster: 'own', needs: ['processes', 'database', 'disks'], timeoutMs: 120_000 },
  async (ctx) => {
    // Not ephemeral: PostgreSQL must flush, as it does for users.
    await using cluster = await ownCluster(ctx, { ephemeral: false });
    const rest = restOf(ctx, cluster);
    const files = Array.from({ length: fileCount }, (_, n) => {
      return { seed: `${ctx.seed}/${n}`, filename: `kept-${n}`, sizeBytes: ctx.choices.int(1, 6 * MiB) };
    });

    const stored = await Promise.all(files.map((file) => storeFile(rest, file)));
    await cluster.killAll();
    await cluster.startAll();

    for (const [n, file] of files.entries()) await assertReadsBack(rest, stored[n]?.file_id ?? '', file);
    await untilCensusIsClean(cluster, { replicas: 2 });
  },
);
