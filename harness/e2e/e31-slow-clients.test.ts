/**
 * Clients that hold connections and do nothing with them: heads that never end, bodies that never come, readers that
 * do not read. Others must be served meanwhile, and the idle limits must end them. A failure means that one
 * client with many connections stops the store.
 */
import assert from 'node:assert/strict';
import { untilCensusIsClean } from '../kit/census/census.ts';
import { defaultBoundary } from '../kit/clients/multipart.ts';
import { hostLines, RawConnection } from '../kit/clients/raw-http.ts';
import { uninstrumented } from '../kit/cluster/services.ts';
import type { Cluster } from '../kit/cluster/target.ts';
import { seededBytes } from '../kit/seed/seeded-bytes.ts';
import type { CaseContext } from '../kit/testing/case-context.ts';
import { ownCluster, restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { until } from '../kit/testing/until.ts';
import { assertReadsBack, storeFile } from '../kit/workloads/seeded-file.ts';
import { metric } from './gateway-metrics.ts';
import { assertRefused } from './refusal.ts';
import { MiB } from './sizes.ts';
import { startUnreadDownload } from './slowed-download.ts';

const idleTimeoutMs = 5_000;
const slowHeads = 40;
/** More than there are buffers for uploads, so that they must not hold one each. */
const slowBodies = 200;
/** What they do not read is 480 MiB: a gateway that held it could not stay below this. */
const slowReaders = 10;
const gatewayBytesMax = 384 * MiB;

testCase(
  'E31',
  'clients that hold connections hold up nobody else, and the idle limits end them',
  { cluster: 'own', needs: ['database', 'disks', 'processes'], tags: ['concurrent'], timeoutMs: 120_000 },
  async (ctx) => {
    const gatewaySettings = { SEXTANT_BODY_IDLE_TIMEOUT_MS: String(idleTimeoutMs) };
    await using cluster = await ownCluster(ctx, { settings: uninstrumented, gatewaySettings });
    const rest = restOf(ctx, cluster);
    const large = { seed: `${ctx.seed}/large`, filename: 'unread.bin', sizeBytes: 48 * MiB };
    const { file_id } = await storeFile(rest, large);

    const heads = await openMany(ctx, slowHeads, async () => {
      const connection = await RawConnection.open(cluster.rest);
      connection.send('GET /files HTTP/1.1\r\nHost: a\r\nX-Slow: ');
      return connection;
    });
    const bodies = await openMany(ctx, slowBodies, (n) => startUpload(ctx, cluster, n));
    const readers = await Promise.all(Array.from({ length: slowReaders }, () => startUnreadDownload(rest, file_id)));
    await until({ what: 'all slow clients to be under way', withinMs: idleTimeoutMs }, async () => {
      return (await metric(rest, 'sextant_uploads_active')) === slowBodies;
    });
    assert.ok((await metric(rest, 'sextant_downloads_active')) >= slowReaders);

    // Meanwhile: others do their work.
    const mine = { seed: `${ctx.seed}/mine`, filename: 'meanwhile.bin', sizeBytes: 3 * MiB };
    const stored = await storeFile(restOf(ctx, cluster), mine);
    await assertReadsBack(restOf(ctx, cluster), stored.file_id, mine);
    assert.equal(await metric(rest, 'sextant_uploads_active'), slowBodies, 'the slow clients were there all the time');

    for (const connection of bodies) {
      const answer = await connection.answer(3 * idleTimeoutMs);
      assert.ok(answer !== null, 'a client that sends too slowly is told so');
      assertRefused({ status: answer.status, text: answer.body }, 408, 'ClientTooSlow');
    }
    await until({ what: 'the unread downloads to be ended', withinMs: 3 * idleTimeoutMs }, async () => {
      return (await metric(rest, 'sextant_downloads_active')) === 0;
    });
    const peakBytes = cluster.gateways[0]?.peakRssBytes() ?? 0;
    ctx.note('peak MiB of the gateway', Math.round(peakBytes / MiB));
    assert.ok(peakBytes < gatewayBytesMax, `what nobody reads is held in memory: ${Math.round(peakBytes / MiB)} MiB`);
    for (const { cancel } of readers) cancel();
    for (const connection of heads) connection.reset();
    await untilCensusIsClean(cluster, { replicas: 2 });
  },
);

testCase(
  'E32',
  'a head that never ends is answered with 408 and its connection closed',
  { tags: ['slow'], timeoutMs: 90_000 },
  async (ctx) => {
    const silent = await RawConnection.open(ctx.target.rest);
    const dripping = await RawConnection.open(ctx.target.rest);
    ctx.defer(() => disposeAll([silent, dripping]));
    silent.send('GET /files HTTP/1.1\r\nHost: a\r\n');
    dripping.send('GET /files HTTP/1.1\r\nX-Slow: ');
    const drip = setInterval(() => dripping.send('x'), 1_000);
    ctx.defer(() => clearInterval(drip));

    for (const connection of [silent, dripping]) {
      const answer = await connection.answer(60_000);
      assert.ok(answer !== null);
      assertRefused({ status: answer.status, text: answer.body }, 408);
      await connection.closed(10_000);
    }
  },
);

async function openMany(
  ctx: CaseContext,
  count: number,
  open: (n: number) => Promise<RawConnection>,
): Promise<RawConnection[]> {
  const connections = await Promise.all(Array.from({ length: count }, (_, n) => open(n)));
  ctx.defer(() => disposeAll(connections));
  return connections;
}

function disposeAll(connections: readonly RawConnection[]): void {
  for (const connection of connections) connection[Symbol.dispose]();
}

/** Declares 8 MiB, sends a little of it, and nothing more. */
async function startUpload(ctx: CaseContext, cluster: Cluster, n: number): Promise<RawConnection> {
  const connection = await RawConnection.open(cluster.rest);
  connection.send(
    [
      'POST /files HTTP/1.1',
      ...hostLines(cluster.rest),
      `Content-Type: multipart/form-data; boundary=${defaultBoundary}`,
      `Content-Length: ${8 * MiB}`,
      '',
      `--${defaultBoundary}`,
      `Content-Disposition: form-data; name="file"; filename="slow-${n}"`,
      '',
      '',
    ].join('\r\n'),
  );
  for (const piece of seededBytes(`${ctx.seed}/${n}`, ctx.choices.int(1, 300_000))) connection.send(piece);
  return connection;
}
