import assert from 'node:assert/strict';
import type { ManagedProcess } from '../../kit/cluster/target.ts';
import { type FailpointAction, failpointsOf } from '../../kit/faults/failpoints.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { type Interruption, interrupt } from './interrupt.ts';
import { openWorld } from './world.ts';

export interface Matrix {
  readonly entryPoint: string;
  /** Those of the service's failpoints that this case is about. */
  readonly about: (name: string) => boolean;
  readonly victims: (world: Awaited<ReturnType<typeof openWorld>>) => readonly ManagedProcess[];
}

const actions: Record<CaseContext['tier'], readonly FailpointAction[]> = {
  fast: ['crash'],
  full: ['crash', 'error', 'delay:300'],
};
const rounds: Record<CaseContext['tier'], number> = { fast: 1, full: 3 };

/**
 * Breaks the store at each failpoint in turn, in an order that the seed decides. One that fails does not keep the
 * others from being tried; all failures are told at the end.
 */
export async function runMatrix(ctx: CaseContext, matrix: Matrix): Promise<void> {
  const failpoints = (await failpointsOf(matrix.entryPoint)).filter(({ name }) => matrix.about(name));
  await using world = await openWorld(ctx);
  const plan = Array.from({ length: rounds[ctx.tier] }, (_, round) => round).flatMap((round) =>
    world.choices.shuffle(failpoints).flatMap((failpoint) =>
      actions[ctx.tier].map((action): Interruption => {
        const victim = world.choices.pick(matrix.victims(world));
        return { failpoint, action, victim, seed: `${ctx.seed}/${round}/${failpoint.name}/${action}` };
      }),
    ),
  );
  const failures: string[] = [];
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
  }
  ctx.note('failpoints', failpoints.length);
  ctx.note('interruptions', plan.length);
  ctx.note('acknowledged files read back', kept);
  assert.ok(
    failures.length === 0,
    `${failures.length} of ${plan.length} interruptions failed:\n${failures.join('\n')}`,
  );
}

function describeFailure({ failpoint, action, victim, seed }: Interruption, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${failpoint.name} (${failpoint.state}), ${action} in ${victim.name}, load of seed ${seed}:\n  ${message}`;
}
