/**
 * Nodes that die while a file is being written to them. One may be replaced; when too few are left the upload must
 * be refused, and nothing of it may stay. A failure means under-replicated files, or space that is lost.
 */
import assert from 'node:assert/strict';
import { untilCensusIsClean } from '../kit/census/census.ts';
import { readDisks } from '../kit/census/chunk-files.ts';
import type { Cluster } from '../kit/cluster/target.ts';
import { seededBytes } from '../kit/seed/seeded-bytes.ts';
import type { CaseContext } from '../kit/testing/case-context.ts';
import { ownCluster, restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { until } from '../kit/testing/until.ts';
import { assertReadsBack, type SeededFile } from '../kit/workloads/seeded-file.ts';
import { assertRefused } from './refusal.ts';
import { MiB } from './sizes.ts';

const needs = ['processes', 'database', 'disks'] as const;
const fileBytes = 48 * MiB;

testCase(
  'E14',
  'a node that dies in the middle of an upload is replaced: every chunk has two replicas on living nodes',
  { cluster: 'own', needs, timeoutMs: 120_000 },
  async (ctx) => {
    await using cluster = await ownCluster(ctx);
    const rest = restOf(ctx, cluster);
    const file = { seed: ctx.seed, filename: 'replaced.bin', sizeBytes: fileBytes };
    const victim = ctx.choices.pick(cluster.nodes);

    const answer = await uploadWithPause(ctx, cluster, file, () => victim.kill('SIGKILL'));

    assert.equal(answer.status, 201, `the upload was answered with ${answer.status}: ${answer.text}`);
    const { body } = await rest.metadata(answer.body.file_id);
    for (const { replicas } of body.chunks) {
      assert.equal(new Set(replicas).size, 2);
      assert.ok(!replicas.includes(victim.serverId), `a replica is said to lie on ${victim.name}, which is dead`);
    }
    await assertReadsBack(rest, answer.body.file_id, file);
    await victim.start();
    await untilCensusIsClean(cluster, { replicas: 2 });
  },
);

testCase(
  'E15',
  'an upload that loses all nodes but one is refused with 503, and leaves nothing',
  { cluster: 'own', needs, timeoutMs: 120_000 },
  async (ctx) => {
    // Of three nodes the last one has only a part of the chunks; of two it has them all, and yet is not enough.
    for (const nodes of [3, 2]) {
      await using cluster = await ownCluster(ctx, { nodes });
      const file = { seed: ctx.seed, filename: 'refused.bin', sizeBytes: fileBytes };
      const victims = ctx.choices.shuffle(cluster.nodes).slice(1);

      const answer = await uploadWithPause(ctx, cluster, file, async () => {
        await Promise.all(victims.map((node) => node.kill('SIGKILL')));
      });

      assertRefused(answer, 503);
      assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
      await cluster.startAll();
      await untilCensusIsClean(cluster, { replicas: 2 });
    }
  },
);

/** Stops sending at a point that the seed chooses, once every node has begun to write, until `meanwhile` has resolved. */
function uploadWithPause(ctx: CaseContext, cluster: Cluster, file: SeededFile, meanwhile: () => Promise<void>) {
  const pauseAtBytes = ctx.choices.int(8 * MiB, 40 * MiB);
  async function* data() {
    yield* seededBytes(file.seed, pauseAtBytes);
    await until({ what: 'every node to be writing', withinMs: 20_000 }, () => isEveryNodeWriting(cluster));
    await meanwhile();
    yield* seededBytes(file.seed, file.sizeBytes - pauseAtBytes, { fromOffset: pauseAtBytes });
  }
  return restOf(ctx, cluster).upload({ filename: file.filename, data: data(), sizeBytes: file.sizeBytes });
}

async function isEveryNodeWriting(cluster: Cluster): Promise<boolean> {
  const disks = await readDisks(cluster.nodes);
  return disks.every(({ unfinished }) => unfinished.length > 0);
}
