import { RestClient } from '../../kit/clients/rest-client.ts';
import type { ManagedGateway, ManagedProcess } from '../../kit/cluster/target.ts';
import { armFailpoint, type Failpoint, type FailpointAction } from '../../kit/faults/failpoints.ts';
import { Choices } from '../../kit/seed/choices.ts';
import { Ledger } from '../../kit/workloads/ledger.ts';
import { startMixedLoad } from '../../kit/workloads/mixed-load.ts';
import { assertKept, verifyLedger } from '../../kit/workloads/verify-ledger.ts';
import type { Stage } from './scenario.ts';
import { scenarioOf } from './scenarios.ts';
import type { World } from './world.ts';

export interface Interruption {
  readonly failpoint: Failpoint;
  readonly action: FailpointAction;
  readonly victim: ManagedProcess;
  /** Decides load, files and bystanders. */
  readonly seed: string;
}

const reachedWithinMs = 30_000;
/** It acts at one of the first so many times, so that the load is at another place each time. */
const timesMax = 3;
const loadClients = 3;
const bytesMax = 3 * 1024 * 1024;

/**
 * Breaks the victim at the failpoint while clients work on the store, mends it, and checks what was promised to them:
 * every acknowledged file is whole and every deleted one gone. What rows and disks hold is for the caller to count.
 * Resolves with how many files were kept. Throws when the failpoint was not reached, or a promise was broken.
 */
export async function interrupt(world: World, { failpoint, action, victim, seed }: Interruption): Promise<number> {
  const { cluster } = world;
  const scenario = scenarioOf(failpoint.name);
  const reached = new AbortController();
  const gateways = cluster.gateways.map(({ rest }) => rest);
  const choices = new Choices(seed);
  const beside = new Ledger(`beside-${seed.replaceAll('/', '-')}`);
  const stage = await scenario.prepare?.(world, victim, { ledger: beside, choices });
  const time = choices.int(1, scenario.timesMax ?? timesMax);
  const mend = async () => {
    await all([victim.isRunning ? undefined : victim.start({}), stage?.bringBack?.()]);
    await stage?.mend?.();
  };
  const armed = await armFailpoint(victim, failpoint.name, action, time).catch(async (error) => {
    await mend();
    throw error;
  });
  const load = startMixedLoad({ gateways, seed, clients: loadClients, bytesMax });
  const meanwhile = keepDoing(stage, isGateway(victim) ? victim.rest : cluster.rest, reached.signal);
  try {
    await armed.untilReached(reachedWithinMs);
    if (action === 'crash') await victim.exited();
  } finally {
    reached.abort();
    // The load goes on through it all, and is served again in the end.
    await meanwhile
      .finally(mend)
      .then(() => load.untilAcknowledged())
      .finally(() => load.stop());
  }
  using rest = new RestClient(choices.pick(gateways));
  assertKept(await verifyLedger(beside, rest));
  const verdict = await verifyLedger(load.ledger, rest);
  assertKept(verdict);
  return verdict.kept;
}

/** All settle before a failure is told, so that nothing is still being started when the next interruption begins. */
async function all(starts: readonly (Promise<void> | undefined)[]): Promise<void> {
  const failed = (await Promise.allSettled(starts)).find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function keepDoing(stage: Stage | undefined, door: URL, until: AbortSignal): Promise<void> {
  using rest = new RestClient(door);
  while (stage?.meanwhile !== undefined && !until.aborted) await stage.meanwhile(rest);
}

function isGateway(victim: ManagedProcess): victim is ManagedGateway {
  return 'rest' in victim;
}
