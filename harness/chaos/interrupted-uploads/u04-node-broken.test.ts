/**
 * A node is killed, frozen, or its disk fills up or fails, while chunks are being written to it. A failure means that an
 * upload is acknowledged with fewer replicas than promised, or that half a chunk stays.
 */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { readDisks } from '../../kit/census/chunk-files.ts';
import { RestClient } from '../../kit/clients/rest-client.ts';
import { type LogLine, untilLogLine } from '../../kit/cluster/log-file.ts';
import type { Cluster } from '../../kit/cluster/target.ts';
import { armFailpoint } from '../../kit/faults/failpoints.ts';
import { during, type Fault } from '../../kit/faults/fault.ts';
import { fullDisk } from '../../kit/faults/full-disk.ts';
import { kill } from '../../kit/faults/process/kill.ts';
import { pause } from '../../kit/faults/process/pause.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { ownCluster } from '../../kit/testing/fixtures.ts';
import { smallDisk } from '../../kit/testing/small-disk.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { Ledger } from '../../kit/workloads/ledger.ts';
import { RecordedClient } from '../../kit/workloads/recorded-client.ts';
import { assertPromisesKept, breakableStore, hasty, hastyNodeSettings, heal, MiB, needs } from './breakable-store.ts';
import { HalfUpload } from './half-upload.ts';

const store = breakableStore();
const fileBytes = 24 * MiB;
/** A frozen node is noticed by pings, which take ten seconds at most. */
const answeredWithinMs = 30_000;
/** Of which a store keeps 64 MiB free. */
const diskBytes = 192 * MiB;

testCase('U10', 'a node killed in the middle of a chunk is replaced: the upload succeeds', options(), async (ctx) => {
  const cluster = await store();
  await breakDuringUpload(ctx, cluster, kill(ctx.choices.pick(cluster.nodes)));
});

testCase('U11', 'a node frozen in the middle of a chunk is replaced: the upload succeeds', options(), async (ctx) => {
  const cluster = await store();
  await breakDuringUpload(ctx, cluster, pause(ctx.choices.pick(cluster.nodes)));
});

testCase('U12', 'a disk that fails in the middle of a chunk costs its node, not the upload', options(), async (ctx) => {
  const cluster = await store();
  const ledger = new Ledger(ctx.id);
  const victim = ctx.choices.pick(cluster.nodes);
  const phase = ctx.choices.pick(['put.after-create', 'put.mid-write', 'put.before-flush'] as const);
  const armed = await armFailpoint(victim, phase, 'error:EIO');
  await heal(cluster);
  await uploadAll(ctx, cluster, ledger, 2);
  assert.ok(await armed.wasReached(), `${victim.name} was never asked for ${phase}`);
  await assertPromisesKept(cluster, ledger);
});

testCase(
  'U13',
  'a disk that fills up in the middle of chunks costs its node, not the upload',
  options(),
  async (ctx) => {
    // All alike, so that each gets its share of the chunks.
    const disks = [await smallDisk(ctx, diskBytes), await smallDisk(ctx, diskBytes), await smallDisk(ctx, diskBytes)];
    ctx.note('disk', String(disks[0]?.kind));
    await using cluster = await ownCluster(ctx, {
      ...hasty,
      // The client is silent while the disk is being filled.
      gatewaySettings: { ...hasty.gatewaySettings, SEXTANT_BODY_IDLE_TIMEOUT_MS: '30000' },
      nodes: disks.length,
      nodeDataDir: (index) => disks[index]?.dataDir,
      // A node that refuses for want of space says so only to those who want to know everything.
      nodeSettings: (index) => ({ ...hastyNodeSettings, ...disks[index]?.settings, SEXTANT_LOG_LEVEL: 'debug' }),
    });
    await heal(cluster);
    const victim = ctx.choices.pick(cluster.nodes);
    const full = fullDisk(victim);
    let logBytesBefore = 0;
    const fillAndListen = async () => {
      await full.start();
      logBytesBefore = (await stat(victim.logFile)).size;
    };
    await breakDuringUpload(ctx, cluster, { ...full, start: fillAndListen });
    const isRefusal = ({ code }: LogLine) => code === 'RESOURCE_EXHAUSTED';
    const refusal = await untilLogLine(victim.logFile, logBytesBefore, isRefusal, () => true);
    assert.ok(refusal !== undefined, `${victim.name} had room for all of the upload`);
  },
);

function options() {
  return { cluster: 'own', phase: 2, needs, timeoutMs: 120_000 } as const;
}

/** One upload, which goes on only once every node has a part of its chunks and one of them is broken. */
async function breakDuringUpload(ctx: CaseContext, cluster: Cluster, fault: Fault): Promise<void> {
  const ledger = new Ledger(ctx.id);
  const upload = await HalfUpload.begin(ledger, cluster.rest, fileBytes);
  upload.sendTo(ctx.choices.int(fileBytes / 4, fileBytes / 2));
  await until({ what: 'every node to be writing', withinMs: 20_000 }, async () => {
    return (await readDisks(cluster.nodes)).every(({ unfinished }) => unfinished.length > 0);
  });
  await during(fault, async () => {
    upload.sendRest();
    assert.equal(await upload.answer(answeredWithinMs), 201);
  });
  await assertPromisesKept(cluster, ledger);
}

async function uploadAll(ctx: CaseContext, cluster: Cluster, ledger: Ledger, count: number): Promise<void> {
  using rest = new RestClient(cluster.rest);
  const clients = Array.from({ length: count }, (_, n) => new RecordedClient(ledger, rest, { name: `client-${n}` }));
  const entries = await Promise.all(
    clients.map((client) => client.upload(ledger.newFile(ctx.choices.int(fileBytes / 2, fileBytes)))),
  );
  for (const { upload, file } of entries) assert.equal(upload.answer, '201', `${file.filename}: ${upload.answer}`);
}
