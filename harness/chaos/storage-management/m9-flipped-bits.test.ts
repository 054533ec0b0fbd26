/**
 * Flips single bits of chunk files, in headers, blocks and footers that the seed chooses. Each must be found, by a read
 * or by the scrub, and mended from the other replica. A failure means that a store which forgets nothing rots.
 */
import { untilPhysicallyWhole } from '../../kit/census/physical-census.ts';
import { AdminClient } from '../../kit/clients/admin-client.ts';
import type { Cluster } from '../../kit/cluster/target.ts';
import { type ChunkDamage, flipBit } from '../../kit/faults/chunk-damage.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { ownCluster, restOf } from '../../kit/testing/fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { assertAllReadBack, storeFiles } from '../../kit/workloads/stored-files.ts';
import { KiB, quick } from './quick-settings.ts';

const flips = { fast: 40, full: 200 };
const flipsPerRound = 20;

testCase(
  'M9',
  'one flipped bit anywhere in a chunk file never reaches a client, is found, and is mended from the other replica',
  { cluster: 'own', phase: 2, timeoutMs: 900_000 },
  async (ctx) => {
    await using cluster = await ownCluster(ctx, { ...quick, nodes: 4 });
    const rest = restOf(ctx, cluster);
    const admin = new AdminClient(rest);
    // From one short block a chunk to several whole ones.
    const sizeBytes = (n: number) => ctx.choices.fork(`size-${n}`).int(1, n % 5 === 0 ? 6_000 * KiB : 300 * KiB);
    const files = await storeFiles(rest, { seed: ctx.seed, count: 20, sizeBytes });
    for (let done = 0; done < flips[ctx.tier]; done += flipsPerRound) {
      const damage = await flipSome(ctx, cluster, done);
      const isFoundByReads = (done / flipsPerRound) % 2 === 0;
      if (isFoundByReads) await assertAllReadBack(rest, files);
      // Reads need one replica of each chunk only; what they did not touch is the scrub's.
      await admin.start('scrub');
      await untilPhysicallyWhole(cluster, { replicas: 2, withinMs: 30_000 }).catch((error) => {
        const told = damage.map((one) => one.describe()).join('\n  ');
        throw new Error(`${error.message}\nbehind:\n  ${told}`, { cause: error });
      });
      if (!isFoundByReads) await assertAllReadBack(rest, files);
    }
    ctx.note('bits flipped', flips[ctx.tier]);
  },
);

/** In files of different chunks: a chunk whose replicas are both damaged is another case. */
async function flipSome(ctx: CaseContext, cluster: Cluster, from: number): Promise<ChunkDamage[]> {
  const { chunks } = await untilPhysicallyWhole(cluster, { replicas: 2, withinMs: 30_000 });
  const left = ctx.choices.fork(`chunks-${from}`).shuffle(chunks).slice(0, flipsPerRound);
  const damage: ChunkDamage[] = [];
  for (const [n, { chunk, good }] of left.entries()) {
    const choices = ctx.choices.fork(`flip-${from + n}`);
    const serverId = choices.pick(good);
    const node = cluster.nodes.find((one) => one.serverId === serverId);
    if (node === undefined) throw new Error(`no node of the cluster is ${serverId}`);
    const flip = flipBit(node.dataDir, `${ctx.seed}/${from + n}`, { among: new Set([chunk.chunk_id]) });
    await flip.start();
    damage.push(flip);
  }
  return damage;
}
