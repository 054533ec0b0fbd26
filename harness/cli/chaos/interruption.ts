import { onSignals } from '../../kit/cluster/exit-guard.ts';
import { exitCodes } from '../../kit/experiment/judgement.ts';

/**
 * Lets Ctrl-C end `work` in its own order: its signal is aborted, and the parts of the store are stopped only when it has healed
 * and written what it has. A second Ctrl-C ends everything at once. The exit code is then what `work` makes of its end, so that a
 * run that has failed before is no unknown one.
 */
export async function untilInterrupted<T extends number | { readonly exitCode: number }>(
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const interruption = new AbortController();
  const running = work(interruption.signal);
  const manners = {
    exitCode: exitCodes.unknown as number,
    onFirst: () => void process.stdout.write('\nStopping: faults are healed first. Ctrl-C again ends at once.\n'),
    beforeStopping: async () => {
      interruption.abort();
      const made = await running;
      manners.exitCode = typeof made === 'number' ? made : made.exitCode;
    },
  };
  onSignals(manners);
  return await running;
}
