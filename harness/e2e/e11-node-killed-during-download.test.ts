/**
 * Kills each of the six nodes in turn, by kill -9, while it is serving a part of a download, at a point that the
 * seed chooses. The other replica must take over at the same offset. A failure means that the loss of one
 * machine cuts or damages what a reader gets.
 */
import assert from 'node:assert/strict';
import { ownCluster, restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { until } from '../kit/testing/until.ts';
import { storeFile } from '../kit/workloads/seeded-file.ts';
import { metric } from './gateway-metrics.ts';
import { MiB } from './sizes.ts';
import { downloadWithPause, startUnreadDownload } from './slowed-download.ts';

/** Far more than sockets and gateway hold when the reader pauses in its first quarter. */
const fileBytes = 64 * MiB;

testCase(
  'E11',
  'a download survives kill -9 of any one node',
  { cluster: 'own', needs: ['processes'], timeoutMs: 120_000 },
  async (ctx) => {
    await using cluster = await ownCluster(ctx);
    const rest = restOf(ctx, cluster);
    const file = { seed: ctx.seed, filename: 'survives.bin', sizeBytes: fileBytes };
    const { file_id } = await storeFile(rest, file);

    for (const [index, node] of cluster.nodes.entries()) {
      const failures = () => metric(rest, 'sextant_replica_failures_total', `server_id="${node.serverId}"`);
      const failuresBefore = await failures();
      const pauseAtBytes = ctx.choices.int(1, fileBytes / 4);

      // For more than two readers the gateway asks for smaller messages, so that it goes on in the middle of a block.
      const readers =
        index % 2 === 0 ? [] : [await startUnreadDownload(rest, file_id), await startUnreadDownload(rest, file_id)];
      await downloadWithPause(rest, file_id, file, pauseAtBytes, () => node.kill('SIGKILL'));
      for (const reader of readers) reader.cancel();

      // Each node holds one of the six primaries, so it was being read: the gateway must have noticed.
      assert.ok((await failures()) > failuresBefore, `${node.name} was not killed in the middle of the download`);
      await node.start();
      await until({ what: `${node.name} to be active again`, withinMs: 10_000 }, async () => {
        return (await rest.health()).body.storage_servers === cluster.nodes.length;
      });
    }
  },
);
