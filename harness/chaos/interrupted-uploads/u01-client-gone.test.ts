/**
 * Clients that leave in the middle of an upload, over real sockets: by a close, a reset, silence, and one byte a second.
 * A failure means that a part of a file is taken for the whole, or that an upload which nobody finishes stays for ever.
 */
import assert from 'node:assert/strict';
import { MetadataTables } from '../../kit/census/metadata-tables.ts';
import type { Cluster } from '../../kit/cluster/target.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { Ledger } from '../../kit/workloads/ledger.ts';
import { assertPromisesKept, bodyIdleMs, breakableStore, leaseMs, MiB, needs } from './breakable-store.ts';
import { HalfUpload } from './half-upload.ts';

const store = breakableStore();
/** Two units of 1 MiB for each of the six chunks. */
const fileBytes = 12 * MiB;
const unitBytes = MiB;

testCase('U1', 'a client that closes in the middle of an upload leaves nothing', options(), async (ctx) => {
  await interrupt(ctx, async (upload) => upload.close());
});

testCase('U2', 'a client that is reset in the middle of an upload leaves nothing', options(), async (ctx) => {
  await interrupt(ctx, async (upload) => upload.reset());
});

testCase('U3', 'a client that falls silent is told so, and leaves nothing', options(), async (ctx) => {
  await interrupt(ctx, async (upload, isWhole) => {
    const status = await upload.answer(3 * bodyIdleMs);
    assert.equal(status, isWhole ? 201 : 408);
  });
});

testCase(
  'U4',
  'clients of one byte a second are neither cut off nor cleaned away, and their files are whole when they end',
  options(),
  async (ctx) => {
    const cluster = await store();
    const ledger = new Ledger(ctx.id);
    const begin = async (offset: number) => {
      const upload = await HalfUpload.begin(ledger, cluster.rest, fileBytes);
      upload.sendTo(offset);
      return upload;
    };
    const trickledBytes = 2 * (leaseMs / 1_000);
    // From there on byte by byte: over the first one, within a unit, over the end of a unit, and to the last one.
    const offsets = [0, unitBytes + ctx.choices.int(1, unitBytes / 2), 3 * unitBytes - 2, fileBytes - trickledBytes];
    const [impatient, ...patient] = (await Promise.all([unitBytes / 2, ...offsets].map(begin))) as [
      HalfUpload,
      ...HalfUpload[],
    ];
    await Promise.all([impatient, ...patient].map((upload) => upload.trickle(2 * leaseMs)));
    await untilReserved(cluster, [impatient, ...patient]);
    impatient.reset();
    for (const one of patient) one.sendRest();
    for (const one of patient) assert.equal(await one.answer(20_000), 201);
    await assertPromisesKept(cluster, ledger);
  },
);

function options() {
  return { cluster: 'own', phase: 2, needs, timeoutMs: 90_000 } as const;
}

/** One upload for each place at which a client can leave. */
async function interrupt(ctx: CaseContext, leave: (upload: HalfUpload, isWhole: boolean) => Promise<void>) {
  const cluster = await store();
  const ledger = new Ledger(ctx.id);
  const midUnit = ctx.choices.int(unitBytes + 1, 2 * unitBytes - 1);
  const between = unitBytes * ctx.choices.int(1, fileBytes / unitBytes - 1);
  const uploads = await Promise.all(
    [1, midUnit, between, fileBytes - 1].map(async (offset) => {
      const upload = await HalfUpload.begin(ledger, cluster.rest, fileBytes);
      upload.sendTo(offset);
      return upload;
    }),
  );
  await untilReserved(cluster, uploads);
  const whole = await HalfUpload.begin(ledger, cluster.rest, fileBytes);
  whole.sendRest();
  await Promise.all([...uploads.map((upload) => leave(upload, false)), leave(whole, true)]);
  await assertPromisesKept(cluster, ledger);
}

async function untilReserved(cluster: Cluster, uploads: readonly HalfUpload[]): Promise<void> {
  await using tables = await MetadataTables.connect(cluster.databaseUrl);
  const names = uploads.map(({ entry }) => entry.file.filename);
  await until({ what: 'the uploads to be under way', withinMs: 10_000 }, async () => {
    return (await tables.filesNamed(names)).length === names.length;
  });
}
