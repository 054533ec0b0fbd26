/**
 * Kills gateways at exact phases of an upload, four at once: each is armed to die at another phase, and each gets an
 * upload. A failure means that what was never acknowledged is visible in part or keeps its space, or that a committed
 * file is lost with the gateway that committed it.
 */
import assert from 'node:assert/strict';
import { RestClient } from '../../kit/clients/rest-client.ts';
import type { ManagedGateway } from '../../kit/cluster/target.ts';
import { armFailpoint } from '../../kit/faults/failpoints.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { Ledger } from '../../kit/workloads/ledger.ts';
import { RecordedClient } from '../../kit/workloads/recorded-client.ts';
import { assertPromisesKept, breakableStore, MiB, needs } from './breakable-store.ts';

/** By gateway, and whether the file must be there afterwards. */
const phases = [
  { failpoint: 'write.before-reserve', isStored: false },
  { failpoint: 'write.mid-unit', isStored: false },
  { failpoint: 'commit.before', isStored: false },
  { failpoint: 'commit.after', isStored: true },
] as const;

const reachedWithinMs = 20_000;

const store = breakableStore({ gateways: phases.length + 1 });

testCase(
  'U5',
  'a gateway that dies before it reserves, in mid-stream, before or after the commit leaves the whole file or nothing',
  { cluster: 'own', phase: 2, needs, timeoutMs: 120_000 },
  async (ctx) => {
    const cluster = await store();
    const ledger = new Ledger(ctx.id);
    const [survivor, ...doomed] = cluster.gateways as [ManagedGateway, ...ManagedGateway[]];

    const uploads = await Promise.all(
      phases.map(async ({ failpoint, isStored }, n) => {
        const gateway = doomed[n] as ManagedGateway;
        const armed = await armFailpoint(gateway, failpoint, 'crash');
        using rest = new RestClient(gateway.rest);
        const client = new RecordedClient(ledger, rest, { name: failpoint });
        const entry = await client.upload(ledger.newFile(ctx.choices.int(8 * MiB, 16 * MiB)));
        assert.equal(entry.upload.outcome, 'info', `${failpoint}: the upload was answered with ${entry.upload.answer}`);
        await armed.untilReached(reachedWithinMs);
        assert.equal((await gateway.exited()).signal, 'SIGKILL', `${gateway.name} did not die at ${failpoint}`);
        return { entry, isStored };
      }),
    );

    using rest = new RestClient(survivor.rest);
    const listed = new Set((await rest.list({ perPage: 100 })).body.files.map(({ filename }) => filename));
    for (const { entry, isStored } of uploads) assert.equal(listed.has(entry.file.filename), isStored);
    // The dead do not come back: the gateway that is left cleans up for them.
    const { unsureHappened } = await assertPromisesKept(cluster, ledger);
    assert.equal(unsureHappened, 1);
  },
);
