import assert from 'node:assert/strict';
import { databaseOf, untilCensusIsClean } from '../../kit/census/census.ts';
import { MetadataTables } from '../../kit/census/metadata-tables.ts';
import { untilPhysicallyWhole } from '../../kit/census/physical-census.ts';
import { systemEntryPoints } from '../../kit/cluster/repository.ts';
import type { ManagedGateway } from '../../kit/cluster/target.ts';
import { armFailpoint, disarm, failpointsOf } from '../../kit/faults/failpoints.ts';
import { Choices } from '../../kit/seed/choices.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { bucketName, removeBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { until } from '../../kit/testing/until.ts';
import { KeyClient } from './key-client.ts';
import { keyOperationOf, mustBe, type Outcome } from './key-operations.ts';
import { isOverS3 } from './run-matrix.ts';
import { openWorld, replicas, type World } from './world.ts';

const versionings = { fast: ['Unversioned'], full: ['Unversioned', 'Enabled', 'Suspended'] } as const;
/** Rows and disks are counted, and the bucket is emptied, after so many interruptions. */
const perCount = 6;
const countWithinMs = 30_000;
const reachedWithinMs = 10_000;

/** Kills a gateway at each failpoint of S3 in turn, in an order that the seed decides, in buckets of every kind. */
export async function runKeyMatrix(ctx: CaseContext): Promise<void> {
  const failpoints = (await failpointsOf(systemEntryPoints.gateway)).map(({ name }) => name).filter(isOverS3);
  await using world = await openWorld(ctx);
  const found: Record<Outcome, number> = { old: 0, new: 0 };
  for (const versioning of versionings[ctx.tier]) {
    const plan = world.choices.shuffle(failpoints);
    for (let at = 0; at < plan.length; at += perCount) {
      const bucket = bucketName(ctx, `${versioning.toLowerCase()}-${at}`);
      await openBucket(world, bucket, versioning);
      for (const failpoint of plan.slice(at, at + perCount)) {
        ctx.signal.throwIfAborted();
        const outcome = await interruptKey(world, bucket, failpoint, `${ctx.seed}/${versioning}/${failpoint}`);
        found[outcome] += 1;
        process.stderr.write(`${ctx.id} ${versioning} ${failpoint}: the ${outcome} version is there, whole\n`);
      }
      await count(world);
      await emptied(ctx, world, bucket);
    }
  }
  ctx.note('failpoints', failpoints.length);
  ctx.note('old and new versions found', `${found.old} and ${found.new}`);
}

/**
 * Sends the operation through a gateway that is killed in it, and looks through the other one and, once it is back, through
 * both. Throws when what is there is not what the phase says, or not whole.
 */
async function interruptKey(world: World, bucket: string, failpoint: string, seed: string): Promise<Outcome> {
  const { gateways, credentials } = world.cluster;
  const choices = new Choices(seed);
  const [victim, other] = choices.shuffle(gateways) as [ManagedGateway, ManagedGateway];
  using through = new KeyClient(other, credentials, bucket);
  const operation = await keyOperationOf(failpoint)({ through, key: failpoint, seed, choices });
  const expected = mustBe(failpoint);
  const armed = await armFailpoint(victim, failpoint, 'crash');
  try {
    using doomed = new KeyClient(victim, credentials, bucket);
    const answer = await operation.send(doomed).catch(() => null);
    assert.equal(answer, null, `${failpoint}: answered by ${answer?.status}: ${answer?.body}`);
    await armed.untilReached(reachedWithinMs);
    await victim.exited();
    assert.equal(await operation.look(through), expected, `${failpoint}, through the gateway that lives`);
  } finally {
    await disarm(victim);
  }
  using back = new KeyClient(victim, credentials, bucket);
  for (const client of [back, through]) {
    assert.equal(await operation.look(client), expected, `${failpoint}, once both gateways run again`);
  }
  await operation.goOn(choices.pick([back, through]), expected);
  return expected;
}

async function openBucket({ cluster }: World, bucket: string, versioning: string): Promise<void> {
  using client = new KeyClient(cluster, cluster.credentials, bucket);
  await client.ask({ method: 'PUT' });
  if (versioning === 'Unversioned') return;
  const body = Buffer.from(`<VersioningConfiguration><Status>${versioning}</Status></VersioningConfiguration>`);
  await client.ask({ method: 'PUT', query: 'versioning', body });
}

/** Each chunk so often as it must be, and nothing else. */
async function count({ cluster }: World): Promise<void> {
  await untilCensusIsClean(cluster, { replicas, withinMs: countWithinMs });
  await untilPhysicallyWhole(cluster, { replicas, withinMs: countWithinMs });
}

/** Deletes what is in the bucket, and it too. Then no file may be left but those that have nothing to do with keys. */
async function emptied(ctx: CaseContext, world: World, bucket: string): Promise<void> {
  const { cluster, shelf } = world;
  using client = new KeyClient(cluster, cluster.credentials, bucket);
  const { body } = await client.ask({ method: 'GET', query: 'uploads' });
  assert.doesNotMatch(body.toString(), /<Upload>/, 'every upload was completed or aborted');
  await removeBucket(s3Of(ctx, cluster), bucket);
  await using tables = await MetadataTables.connect(databaseOf(cluster));
  let leaked: string[] = [];
  await until({ what: 'the files of deleted objects to go', withinMs: countWithinMs }, async () => {
    const files = await tables.files();
    leaked = files.filter(({ filename }) => shelf.entryOf(filename) === undefined).map(({ file_id }) => file_id);
    return leaked.length === 0 && (await tables.queuedDeletions()) === 0;
  }).catch((error) => {
    assert.deepEqual(leaked, [], 'files of no object');
    throw error;
  });
  await count(world);
}
