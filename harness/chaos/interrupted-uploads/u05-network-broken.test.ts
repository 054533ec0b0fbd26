/**
 * Breaks the network between gateway and nodes, and between gateway and PostgreSQL, through Toxiproxy, in the middle of
 * uploads. A failure means that a peer which cannot be reached costs a file, or that a client waits for ever.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after } from 'node:test';
import type { ManagedGateway } from '../../kit/cluster/target.ts';
import { during, type Fault } from '../../kit/faults/fault.ts';
import { bandwidth } from '../../kit/faults/network/bandwidth.ts';
import { closeAtByte } from '../../kit/faults/network/close-at-byte.ts';
import { cut } from '../../kit/faults/network/cut.ts';
import { latency } from '../../kit/faults/network/latency.ts';
import type { Link } from '../../kit/faults/network/link.ts';
import { ProxiedLinks } from '../../kit/faults/network/proxied-links.ts';
import { refusal } from '../../kit/faults/network/refusal.ts';
import { reset } from '../../kit/faults/network/reset.ts';
import { blackhole, oneWayPartition } from '../../kit/faults/network/silence.ts';
import { slowClose } from '../../kit/faults/network/slow-close.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { Ledger } from '../../kit/workloads/ledger.ts';
import { assertPromisesKept, breakableStore, fileLogDir, heal, MiB, needs } from './breakable-store.ts';
import { HalfUpload } from './half-upload.ts';

let proxied: ProxiedLinks | undefined;
after(async () => proxied?.[Symbol.asyncDispose]());
const store = breakableStore(async () => {
  proxied = await ProxiedLinks.start(join(fileLogDir(), 'toxiproxy.log'));
  return { links: proxied.links };
});

const fileBytes = 12 * MiB;
const answeredWithinMs = 35_000;

testCase('U14', 'a node that the network swallows, both ways or one, costs time, not the upload', options(), (ctx) =>
  uploadDuring(ctx, 'all succeed', ({ node }) =>
    oneInFastTier(ctx, [blackhole(node), oneWayPartition(node, 'upstream'), oneWayPartition(node, 'downstream')]),
  ),
);

testCase('U15', 'a slow network to a node costs time, not the upload', options(), (ctx) =>
  uploadDuring(ctx, 'all succeed', ({ node }) =>
    oneInFastTier(ctx, [latency(node, 100), bandwidth(node, 2_000), slowClose(node, 500)]),
  ),
);

testCase('U16', 'connections to a node that are broken or refused cost no upload', options(), (ctx) =>
  uploadDuring(ctx, 'all succeed', ({ node }) => [
    closeAtByte(node, ctx.choices.int(1, fileBytes / 6)),
    reset(node, ctx.choices.int(0, 300)),
    refusal(node),
    cut(node),
  ]),
);

testCase(
  'U17',
  'a PostgreSQL that the network swallows, refuses or cuts off is 503 or success',
  options(),
  async (ctx) => {
    await uploadDuring(ctx, 'or 503', (links) => [
      ...oneInFastTier(ctx, [
        blackhole(links.postgres),
        oneWayPartition(links.postgres, 'upstream'),
        oneWayPartition(links.postgres, 'downstream'),
        latency(links.postgres, 200),
      ]),
      refusal(links.postgres),
      cut(links.postgres),
    ]);
  },
);

function options() {
  // The first of them may have to build Toxiproxy.
  return { cluster: 'own', phase: 2, needs, timeoutMs: 400_000 } as const;
}

/** Of faults that take seconds and are alike: all of them, or the one that the seed picks. */
function oneInFastTier(ctx: CaseContext, faults: readonly Fault[]): readonly Fault[] {
  return ctx.tier === 'full' ? faults : [ctx.choices.pick(faults)];
}

type Breakable = { readonly node: Link; readonly postgres: Link };

/** For each fault one upload that has begun before it, and ends while it lasts. */
async function uploadDuring(
  ctx: CaseContext,
  expected: 'all succeed' | 'or 503',
  faultsOf: (links: Breakable) => readonly Fault[],
) {
  const cluster = await store();
  const { nodes, postgres } = proxied as ProxiedLinks;
  const gateway = cluster.gateways[0] as ManagedGateway;
  const ledger = new Ledger(ctx.id);
  for (const fault of faultsOf({ node: ctx.choices.pick(nodes), postgres })) {
    const upload = await HalfUpload.begin(ledger, gateway.rest, fileBytes);
    upload.sendTo(ctx.choices.int(1, fileBytes - 1));
    const sinceMs = performance.now();
    await during(fault, async () => {
      upload.sendRest();
      const status = await upload.answer(answeredWithinMs);
      const wanted = expected === 'all succeed' ? [201] : [201, 503];
      assert.ok(wanted.includes(status ?? 0), `while ${fault.describe()}: ${status}`);
    });
    ctx.note(`ms while ${fault.describe()}`, Math.round(performance.now() - sinceMs));
    await heal(cluster);
  }
  await assertPromisesKept(cluster, ledger);
}
