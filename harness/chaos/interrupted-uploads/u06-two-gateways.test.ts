/**
 * Two gateways on one database: what one has acknowledged the other serves at once, and their clean-ups never take what
 * the other is still writing. A failure means stale reads, or an upload that is thrown away under its client.
 */
import assert from 'node:assert/strict';
import { MetadataTables } from '../../kit/census/metadata-tables.ts';
import { RestClient } from '../../kit/clients/rest-client.ts';
import type { ManagedGateway } from '../../kit/cluster/target.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { Ledger } from '../../kit/workloads/ledger.ts';
import { RecordedClient } from '../../kit/workloads/recorded-client.ts';
import { assertPromisesKept, breakableStore, leaseMs, MiB, needs } from './breakable-store.ts';
import { HalfUpload } from './half-upload.ts';

const store = breakableStore({ gateways: 2 });
const options = { cluster: 'own', phase: 2, needs, timeoutMs: 90_000 } as const;
const rounds = { fast: 12, full: 500 };

testCase(
  'U18',
  'what one gateway has acknowledged the other reads, lists and deletes at once',
  options,
  async (ctx) => {
    const cluster = await store();
    const ledger = new Ledger(ctx.id);
    using one = new RestClient((cluster.gateways[0] as ManagedGateway).rest);
    using other = new RestClient((cluster.gateways[1] as ManagedGateway).rest);
    for (let round = 0; round < rounds[ctx.tier]; round++) {
      const [writer, reader] = ctx.choices.shuffle([one, other]).map((rest) => {
        return new RecordedClient(ledger, rest, { name: `client of ${rest.base.host}` });
      }) as [RecordedClient, RecordedClient];
      const entry = await writer.upload(ledger.newFile(ctx.choices.int(1, 256 * 1024)));
      assert.equal((await reader.download(entry)).answer, '200');
      await reader.list();
      if (ctx.choices.chance(50)) continue;
      assert.equal((await reader.delete(entry)).answer, '200');
      assert.match((await writer.download(entry)).answer, /^404/);
    }
    await assertPromisesKept(cluster, ledger);
  },
);

testCase(
  'U19',
  'clean-up takes the uploads of a dead gateway and spares those of a living one',
  options,
  async (ctx) => {
    const cluster = await store();
    const ledger = new Ledger(ctx.id);
    const [mortal, survivor] = cluster.gateways as [ManagedGateway, ManagedGateway];
    const [lost, kept] = [
      await HalfUpload.begin(ledger, mortal.rest, 12 * MiB),
      await HalfUpload.begin(ledger, survivor.rest, 12 * MiB),
    ];
    for (const upload of [lost, kept]) upload.sendTo(ctx.choices.int(1, 11 * MiB));
    const [nameOfLost, nameOfKept] = [lost.entry.file.filename, kept.entry.file.filename];
    await using tables = await MetadataTables.connect(cluster.databaseUrl);
    const left = async () => (await tables.filesNamed([nameOfLost, nameOfKept])).map(({ filename }) => filename);
    await until({ what: 'both uploads to be under way', withinMs: 10_000 }, async () => (await left()).length === 2);
    await mortal.kill('SIGKILL');
    assert.equal(await lost.answer(5_000), null);

    const sinceMs = performance.now();
    const what = 'the upload of the dead gateway to be gone';
    await until({ what, withinMs: 3 * leaseMs }, async () => {
      kept.sendOneByte();
      return !(await left()).includes(nameOfLost);
    });
    ctx.note('ms until cleaned up', Math.round(performance.now() - sinceMs));
    assert.deepEqual(await left(), [nameOfKept]);
    kept.sendRest();
    assert.equal(await kept.answer(10_000), 201);
    await mortal.start();
    await assertPromisesKept(cluster, ledger);
  },
);
