/**
 * Many large transfers at once in bounded memory: what clients send faster than disks write must be held back, not
 * held. A failure means that a burst of clients ends the process.
 */
import assert from 'node:assert/strict';
import { statfs } from 'node:fs/promises';
import { uninstrumented } from '../kit/cluster/services.ts';
import type { Cluster } from '../kit/cluster/target.ts';
import type { CaseContext } from '../kit/testing/case-context.ts';
import { ownCluster, restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { assertReadsBack, storeFile } from '../kit/workloads/seeded-file.ts';
import { GiB, MiB } from './sizes.ts';

const residentBytesMax = 256 * MiB;
const replicas = 2;

testCase(
  'E16',
  'gateway and nodes stay below 256 MiB with 20 clients of 24 MiB each, up and down',
  { cluster: 'own', needs: ['processes'], tags: ['concurrent'], timeoutMs: 120_000 },
  (ctx) => transferInBoundedMemory(ctx, { clients: 20, bytesEach: 24 * MiB }),
);

testCase(
  'E17',
  'gateway and nodes stay below 256 MiB with 20 clients of 1 GiB each, up and down',
  { cluster: 'own', needs: ['processes'], tags: ['slow', 'large', 'concurrent'], timeoutMs: 60 * 60_000 },
  (ctx) => transferInBoundedMemory(ctx, { clients: 20, bytesEach: GiB }),
);

async function transferInBoundedMemory(
  ctx: CaseContext,
  { clients, bytesEach }: { clients: number; bytesEach: number },
): Promise<void> {
  await compileOnce(ctx);
  await using cluster = await ownCluster(ctx, { replicas, settings: uninstrumented });
  await assertRoom(cluster, clients * bytesEach * replicas);
  const rest = restOf(ctx, cluster);
  const files = Array.from({ length: clients }, (_, n) => {
    return { seed: `${ctx.seed}/${n}`, filename: `client-${n}.bin`, sizeBytes: bytesEach };
  });

  const startedAtMs = performance.now();
  const stored = await Promise.all(files.map((file) => storeFile(rest, file)));
  const uploadedAtMs = performance.now();
  const peaksUp = peaks(cluster);
  await Promise.all(files.map((file, n) => assertReadsBack(rest, stored[n]?.file_id ?? '', file)));
  const downloadedAtMs = performance.now();

  const megabytes = (clients * bytesEach) / 1e6;
  ctx.note('MB/s up', Math.round((megabytes * 1000) / (uploadedAtMs - startedAtMs)));
  ctx.note('MB/s down', Math.round((megabytes * 1000) / (downloadedAtMs - uploadedAtMs)));
  ctx.note('peak MiB after the uploads', describe(peaksUp));
  ctx.note('peak MiB after the downloads', describe(peaks(cluster)));
  for (const { name, bytes } of peaks(cluster)) {
    assert.ok(bytes < residentBytesMax, `${name} took ${Math.round(bytes / MiB)} MiB at its peak`);
  }
}

/** The very first start on a machine also compiles the code, which takes memory that no later start needs. */
async function compileOnce(ctx: CaseContext): Promise<void> {
  await using _cluster = await ownCluster(ctx, { nodes: 2, replicas: 1, settings: uninstrumented });
}

async function assertRoom(cluster: Cluster, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(cluster.dataDir);
  const freeBytes = bavail * bsize;
  assert.ok(freeBytes > neededBytes * 1.1, `this needs ${neededBytes} bytes of disk, and ${freeBytes} are free`);
}

function peaks(cluster: Cluster): { name: string; bytes: number }[] {
  return [...cluster.gateways, ...cluster.nodes].map((one) => {
    const bytes = one.peakRssBytes();
    assert.ok(bytes !== null, `this machine does not tell how much memory ${one.name} takes`);
    return { name: one.name, bytes };
  });
}

function describe(all: readonly { name: string; bytes: number }[]): string {
  return all.map(({ name, bytes }) => `${name} ${Math.round(bytes / MiB)}`).join(', ');
}
