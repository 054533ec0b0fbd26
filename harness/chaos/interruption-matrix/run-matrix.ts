import assert from 'node:assert/strict';
import { untilCensusIsClean } from '../../kit/census/census.ts';
import { untilPhysicallyWhole } from '../../kit/census/physical-census.ts';
import { RestClient } from '../../kit/clients/rest-client.ts';
import type { ManagedProcess } from '../../kit/cluster/target.ts';
import { type FailpointAction, failpointsOf } from '../../kit/faults/failpoints.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import type { CaseOptions } from '../../kit/testing/test-case.ts';
import { assertKept, verifyLedger } from '../../kit/workloads/verify-ledger.ts';
import { type Interruption, interrupt } from './interrupt.ts';
import { deleteAllButShelf, openWorld, replicas, type World } from './world.ts';

export interface Matrix {
  readonly entryPoint: string;
  /** Those of the service's failpoints that this case is about. */
  readonly about: (name: string) => boolean;
  readonly victims: (world: World) => readonly ManagedProcess[];
  /** Of the gateways, beyond those of every matrix. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Of every matrix's case. */
export const matrixOptions: CaseOptions = {
  cluster: 'own',
  needs: ['processes', 'database', 'disks'],
  phase: 2,
  timeoutMs: { fast: 300_000, full: 3_600_000 },
};

/** Failpoints of the jobs that gateways do in the background, one of them at a time. */
export function isOfAJob(name: string): boolean {
  return /^(?:cleanup|problem|repair|scrub|census|replica|rebalance|drain)\./.test(name);
}

/** Failpoints of operations on keys, which have a matrix of their own: here files are counted. */
export function isOverS3(name: string): boolean {
  return name.startsWith('s3.');
}

const actions: Record<CaseContext['tier'], readonly FailpointAction[]> = {
  fast: ['crash'],
  full: ['crash', 'error', 'delay:300'],
};
/** The rows and disks are counted after so many interruptions. Files are read back after each. */
const perCount: Record<CaseContext['tier'], number> = { fast: 6, full: 3 };
const countWithinMs = 30_000;
const rounds: Record<CaseContext['tier'], number> = { fast: 1, full: 3 };

/**
 * Breaks the store at each failpoint in turn, in an order that the seed decides. One that fails does not keep the
 * others from being tried; all failures are told at the end.
 */
export async function runMatrix(ctx: CaseContext, matrix: Matrix): Promise<void> {
  const failpoints = (await failpointsOf(matrix.entryPoint)).filter(({ name }) => matrix.about(name));
  await using world = await openWorld(ctx, matrix.settings);
  const plan = Array.from({ length: rounds[ctx.tier] }, (_, round) => round).flatMap((round) =>
    world.choices.shuffle(failpoints).flatMap((failpoint) =>
      actions[ctx.tier].map((action): Interruption => {
        const victim = world.choices.pick(matrix.victims(world));
        return { failpoint, action, victim, seed: `${ctx.seed}/${round}/${failpoint.name}/${action}` };
      }),
    ),
  );
  const failures: string[] = [];
  let uncounted: string[] = [];
  let kept = 0;
  for (const [at, interruption] of plan.entries()) {
    ctx.signal.throwIfAborted();
    const { failpoint, action, victim } = interruption;
    const beganMs = performance.now();
    const outcome = await interrupt(world, interruption).catch((error) => {
      failures.push(describeFailure(interruption, error));
      return undefined;
    });
    kept += outcome ?? 0;
    const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
    const said = outcome === undefined ? `FAILED: ${failures.at(-1)}` : `${outcome} files kept`;
    process.stderr.write(
      `${ctx.id} ${at + 1}/${plan.length} ${failpoint.name} ${action} in ${victim.name}: ${said}, ${seconds} s\n`,
    );
    uncounted.push(`${failpoint.name} (${action})`);
    if (uncounted.length < perCount[ctx.tier] && at + 1 < plan.length) continue;
    await count(world).catch((error) => {
      failures.push(`after ${uncounted.join(', ')}:\n  ${messageOf(error)}`);
      process.stderr.write(`${ctx.id} FAILED: ${failures.at(-1)}\n`);
    });
    await deleteAllButShelf(world).catch((error) => {
      failures.push(`deleting what was counted:\n  ${messageOf(error)}`);
    });
    uncounted = [];
  }
  ctx.note('failpoints', failpoints.length);
  ctx.note('interruptions', plan.length);
  ctx.note('acknowledged files read back', kept);
  assert.ok(
    failures.length === 0,
    `${failures.length} checks after ${plan.length} interruptions failed:\n${failures.join('\n')}`,
  );
}

/** Tables and disks hold the files that are listed, each chunk so often as it must be, and nothing else. */
async function count(world: World): Promise<void> {
  await untilCensusIsClean(world.cluster, { replicas, withinMs: countWithinMs });
  await untilPhysicallyWhole(world.cluster, { replicas, withinMs: countWithinMs });
  using rest = new RestClient(world.cluster.rest);
  assertKept(await verifyLedger(world.shelf, rest));
}

function describeFailure({ failpoint, action, victim, seed }: Interruption, error: unknown): string {
  return `${failpoint.name} (${failpoint.state}), ${action} in ${victim.name}, load of seed ${seed}:\n  ${messageOf(error)}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
