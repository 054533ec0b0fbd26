/**
 * PostgreSQL is stopped, restarted, frozen, and its connections are cut, while four uploads wait at four exact phases,
 * each in a gateway of its own. A failure means that an upload hangs, that an answer is wrong about what happened, or
 * that rows and chunks stay behind.
 */
import assert from 'node:assert/strict';
import { MetadataTables } from '../../kit/census/metadata-tables.ts';
import { RestClient } from '../../kit/clients/rest-client.ts';
import type { Cluster, ManagedGateway } from '../../kit/cluster/target.ts';
import { armFailpoint, resume } from '../../kit/faults/failpoints.ts';
import { during, type Fault } from '../../kit/faults/fault.ts';
import { pause } from '../../kit/faults/process/pause.ts';
import { restart } from '../../kit/faults/process/restart.ts';
import { shutDown } from '../../kit/faults/process/shut-down.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { Ledger } from '../../kit/workloads/ledger.ts';
import { RecordedClient } from '../../kit/workloads/recorded-client.ts';
import { assertPromisesKept, breakableStore, MiB, needs } from './breakable-store.ts';

const phases = ['write.before-reserve', 'write.mid-unit', 'commit.before', 'commit.after'] as const;
/** A frozen database is noticed when the limits of statement and connection are over; some of them once more. */
const answeredWithinMs = 25_000;
const reachedWithinMs = 20_000;

// Flushed: a PostgreSQL that does not flush may forget what it acknowledged.
const store = breakableStore({ gateways: phases.length, ephemeral: false });

testCase('U6', 'PostgreSQL stopped at any phase of an upload loses nothing that was acknowledged', options(), (ctx) =>
  breakDuringUploads(ctx, ({ postgres }) => shutDown(postgres)),
);

testCase('U7', 'PostgreSQL restarted at any phase of an upload loses nothing', options(), (ctx) =>
  breakDuringUploads(ctx, ({ postgres }) => restart(postgres)),
);

testCase('U8', 'PostgreSQL frozen at any phase of an upload hangs no client and loses nothing', options(), (ctx) =>
  breakDuringUploads(ctx, ({ postgres }) => pause(postgres)),
);

testCase('U9', 'connections to PostgreSQL cut at any phase of an upload lose nothing', options(), (ctx) =>
  breakDuringUploads(ctx, ({ databaseUrl }) => ({
    start: async () => {
      await using tables = await MetadataTables.connect(databaseUrl);
      await tables.terminateGatewayConnections();
    },
    stop: async () => {},
    describe: () => 'every connection to PostgreSQL is cut',
  })),
);

function options() {
  return { cluster: 'own', phase: 2, needs, timeoutMs: 120_000 } as const;
}

async function breakDuringUploads(ctx: CaseContext, faultOf: (cluster: Cluster) => Fault): Promise<void> {
  const cluster = await store();
  const ledger = new Ledger(ctx.id);
  const waiting = await Promise.all(
    phases.map((phase, n) => uploadUntil(ctx, ledger, cluster.gateways[n] as ManagedGateway, phase)),
  );
  const sinceMs = performance.now();
  await during(faultOf(cluster), async () => {
    await Promise.all(cluster.gateways.map(resume));
    for (const { upload } of waiting) {
      const { outcome, answer } = (await upload).upload;
      assert.match(answer, /^(201|503 \w+)$/, `the upload ended with ${outcome} ${answer}`);
    }
  });
  const tookMs = Math.round(performance.now() - sinceMs);
  assert.ok(tookMs < answeredWithinMs, `the uploads were answered after ${tookMs} ms`);
  ctx.note('ms to the last answer', tookMs);
  await assertPromisesKept(cluster, ledger);
}

/** Resolves when the upload waits at the phase. */
async function uploadUntil(ctx: CaseContext, ledger: Ledger, gateway: ManagedGateway, phase: string) {
  const armed = await armFailpoint(gateway, phase, 'pause');
  const rest = new RestClient(gateway.rest);
  ctx.defer(() => rest.close());
  const client = new RecordedClient(ledger, rest, { name: phase });
  const upload = client.upload(ledger.newFile(ctx.choices.int(8 * MiB, 12 * MiB)));
  await armed.untilReached(reachedWithinMs);
  return { upload };
}
