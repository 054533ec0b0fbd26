/**
 * An object far larger than any memory involved, sent in parts of which several are under way at a time, as every client
 * sends large files. A failure means that parts are buffered, or that many parts make an object slow or wrong.
 */
import assert from 'node:assert/strict';
import { statfs } from 'node:fs/promises';
import type { Cluster } from '../../kit/cluster/target.ts';
import { runLoad } from '../../kit/measure/load.ts';
import { measureTransfer } from '../../kit/measure/transfer.ts';
import { expectedRange } from '../../kit/seed/seeded-bytes.ts';
import { verifySeeded } from '../../kit/seed/verify-seeded.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { overS3 } from '../over-s3.ts';
import { MiB } from '../sizes.ts';
import { completionOf } from './completion-document.ts';
import { measuredCluster, oneValueOf, ScaleBucket } from './scale-bucket.ts';

const partBytes = 8 * MiB;
const partsInFlight = 8;
const residentBytesMax = 256 * MiB;
const replicas = 2;
const key = 'large';

testCase(
  'S302',
  'an object of 5 GiB goes up in parts of 8 MiB, 8 at a time, and comes down identical, in bounded memory',
  { ...overS3, cluster: 'own', needs: ['s3', 'processes'], tags: ['slow', 'large'], timeoutMs: 20 * 60_000 },
  async (ctx) => {
    const parts = ctx.tier === 'full' ? 640 : 64;
    const sizeBytes = parts * partBytes;
    const cluster = await measuredCluster(ctx);
    await assertRoom(cluster, sizeBytes * replicas);
    const bucket = await ScaleBucket.create(ctx, cluster);
    const uploadId = oneValueOf(await bucket.send({ method: 'POST', key, query: 'uploads' }), 'UploadId');
    const watched = { gateway: cluster.gateways, nodes: cluster.nodes };

    const etags: string[] = [];
    const up = await measureTransfer(sizeBytes, watched, () =>
      runLoad(partsInFlight, parts, async (index) => {
        const body = expectedRange(ctx.seed, index * partBytes, partBytes);
        const query = `partNumber=${index + 1}&uploadId=${uploadId}`;
        const { headers } = await bucket.send({ method: 'PUT', key, query, body });
        etags[index] = String(headers.etag);
      }),
    );
    await bucket.send({ method: 'POST', key, query: `uploadId=${uploadId}`, body: completionOf(etags) });
    notePeaks(ctx, cluster, 'after the parts');
    const down = await measureTransfer(sizeBytes, watched, async () => {
      const { isWhole, message } = await verifySeeded(await bucket.open({ method: 'GET', key }), ctx.seed, sizeBytes);
      assert.ok(isWhole, message);
    });
    notePeaks(ctx, cluster, 'after the download');

    for (const [way, { mbPerSecond, cpuSecondsPerGib }] of Object.entries({ up, down })) {
      const { gateway, nodes } = cpuSecondsPerGib;
      ctx.note(`MB/s ${way}`, Math.round(mbPerSecond));
      ctx.note(`CPU s/GiB ${way}`, `gateway ${gateway?.toFixed(1)}, nodes ${nodes?.toFixed(1)}`);
    }
    for (const { name, bytes } of peaks(cluster)) {
      assert.ok(bytes < residentBytesMax, `${name} took ${Math.round(bytes / MiB)} MiB at its peak`);
    }
  },
);

async function assertRoom(cluster: Cluster, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(cluster.dataDir);
  const freeBytes = bavail * bsize;
  assert.ok(freeBytes > neededBytes * 1.1, `this needs ${neededBytes} bytes of disk, and ${freeBytes} are free`);
}

function notePeaks(ctx: CaseContext, cluster: Cluster, when: string): void {
  const texts = peaks(cluster).map(({ name, bytes }) => `${name} ${Math.round(bytes / MiB)}`);
  ctx.note(`peak MiB ${when}`, texts.join(', '));
}

function peaks({ gateways, nodes }: Cluster): { name: string; bytes: number }[] {
  return [...gateways, ...nodes].map((one) => {
    const bytes = one.peakRssBytes();
    assert.ok(bytes !== null, `this machine does not tell how much memory ${one.name} takes`);
    return { name: one.name, bytes };
  });
}
