import { sweepScratch } from '../../kit/cluster/scratch.ts';
import type { Plan } from '../../kit/experiment/plan.ts';
import { startEngine } from '../test/services.ts';

/** Removes what killed runs have left, and starts what the target of the plan needs. To be disposed after the last run. */
export async function prepare({ cluster }: Plan): Promise<AsyncDisposable> {
  await sweepScratch();
  await using services = new AsyncDisposableStack();
  if (cluster.target === 'containers') await startEngine({ mayInstallEngine: false, postgresVersion: 18 }, services);
  return services.move();
}
