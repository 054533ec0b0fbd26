import { untilPhysicallyWhole } from '../../kit/census/physical-census.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { ownCluster, restOf } from '../../kit/testing/fixtures.ts';
import { startMixedLoad } from '../../kit/workloads/mixed-load.ts';
import { assertAllReadBack, storeFiles } from '../../kit/workloads/stored-files.ts';
import { assertKept, verifyLedger } from '../../kit/workloads/verify-ledger.ts';
import { KiB, MiB, quickBut } from './quick-settings.ts';

/** Beside the load's own files. */
const sizes = {
  fast: { count: 16, sizeBytes: 8 * MiB, repairWithinMs: 60_000 },
  full: { count: 40, sizeBytes: 256 * MiB, repairWithinMs: 900_000 },
};

/**
 * Takes `lost` of six nodes away at once, disks and all, while clients work. Everything that was acknowledged must
 * stay readable, and after repair every chunk has `replicas` good replicas on the disks that are left.
 */
export async function loseNodesForEver(
  ctx: CaseContext,
  { replicas, lost }: { readonly replicas: number; readonly lost: number },
): Promise<void> {
  const { count, sizeBytes, repairWithinMs } = sizes[ctx.tier];
  const settings = quickBut({ SEXTANT_REPAIR_BYTES_PER_SECOND: String(1024 * MiB) });
  await using cluster = await ownCluster(ctx, { ...settings, replicas });
  const rest = restOf(ctx, cluster);
  const stored = await storeFiles(rest, { seed: ctx.seed, count, sizeBytes });
  await using load = startMixedLoad({ gateways: [cluster.rest], seed: ctx.seed, bytesMax: 256 * KiB });
  await load.untilAcknowledged(10);

  const gone = ctx.choices.shuffle(cluster.nodes).slice(0, lost);
  const sinceMs = performance.now();
  await Promise.all(gone.map((node) => cluster.removeNode(node)));
  await load.untilAcknowledged(20);
  const ledger = await load.stop();

  await untilPhysicallyWhole(cluster, { replicas, withinMs: repairWithinMs });
  const seconds = (performance.now() - sinceMs) / 1000;
  ctx.note('stored, GiB', ((count * sizeBytes) / 1024 ** 3).toFixed(2));
  ctx.note(`from the loss of ${gone.map(({ name }) => name).join(' and ')} to whole again, s`, seconds.toFixed(1));
  assertKept(await verifyLedger(ledger, rest));
  await assertAllReadBack(rest, stored);
}
