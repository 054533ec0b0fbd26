/**
 * A node is killed, frozen, or its disk fills up or fails, while chunks are being written to it. A failure means that an
 * upload is acknowledged with fewer replicas than promised, or that half a chunk stays.
 */
import assert from 'node:assert/strict';
import { readDisks } from '../../kit/census/chunk-files.ts';
import { RestClient } from '../../kit/clients/rest-client.ts';
import type { Cluster, ManagedNode } from '../../kit/cluster/target.ts';
import { during, type Fault } from '../../kit/faults/fault.ts';
import { kill } from '../../kit/faults/process/kill.ts';
import { pause } from '../../kit/faults/process/pause.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { ownCluster } from '../../kit/testing/fixtures.ts';
import { smallDisk } from '../../kit/testing/small-disk.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { Ledger } from '../../kit/workloads/ledger.ts';
import { RecordedClient } from '../../kit/workloads/recorded-client.ts';
import { arm, assertPromisesKept, breakableStore, hasty, heal, MiB, needs } from './breakable-store.ts';
import { HalfUpload } from './half-upload.ts';

const store = breakableStore();
const fileBytes = 24 * MiB;
/** A frozen node is noticed by pings, which take ten seconds at most. */
const answeredWithinMs = 30_000;
const diskBytes = 32 * MiB;

testCase('U10', 'a node killed in the middle of a chunk is replaced: the upload succeeds', options(), (ctx) =>
  breakDuringUpload(ctx, kill),
);

testCase('U11', 'a node frozen in the middle of a chunk is replaced: the upload succeeds', options(), (ctx) =>
  breakDuringUpload(ctx, pause),
);

testCase('U12', 'a disk that fails in the middle of a chunk costs its node, not the upload', options(), async (ctx) => {
  const cluster = await store();
  const ledger = new Ledger(ctx.id);
  const victim = ctx.choices.pick(cluster.nodes);
  const phase = ctx.choices.pick(['put.after-create', 'put.mid-write', 'put.before-flush'] as const);
  await arm(victim, `${phase}:error:EIO`);
  await heal(cluster);
  await uploadAll(ctx, cluster, ledger, 2);
  await arm(victim, undefined);
  await assertPromisesKept(cluster, ledger);
});

testCase(
  'U13',
  'a disk that fills up in the middle of chunks costs its node, not the uploads',
  options(),
  async (ctx) => {
    const { kind, dataDir, settings } = await smallDisk(ctx, diskBytes);
    ctx.note('disk', kind);
    const isSmall = (index: number) => index === 0;
    await using cluster = await ownCluster(ctx, {
      ...hasty,
      nodeDataDir: (index) => (isSmall(index) ? dataDir : undefined),
      nodeSettings: (index) => (isSmall(index) ? settings : {}),
    });
    const ledger = new Ledger(ctx.id);
    await uploadAll(ctx, cluster, ledger, 8);
    await assertPromisesKept(cluster, ledger);
  },
);

function options() {
  return { cluster: 'own', phase: 2, needs, timeoutMs: 120_000 } as const;
}

/** One upload, which goes on only once every node has a part of its chunks and one of them is broken. */
async function breakDuringUpload(ctx: CaseContext, faultOf: (node: ManagedNode) => Fault): Promise<void> {
  const cluster = await store();
  const ledger = new Ledger(ctx.id);
  const upload = await HalfUpload.begin(ledger, cluster.rest, fileBytes);
  upload.sendTo(ctx.choices.int(fileBytes / 4, fileBytes - MiB));
  await until({ what: 'every node to be writing', withinMs: 20_000 }, async () => {
    return (await readDisks(cluster.nodes)).every(({ unfinished }) => unfinished.length > 0);
  });
  await during(faultOf(ctx.choices.pick(cluster.nodes)), async () => {
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
