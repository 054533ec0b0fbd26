import { onSignals } from '../../kit/cluster/exit-guard.ts';
import { exitCodes } from '../../kit/experiment/judgement.ts';

/**
 * Lets Ctrl-C end `work` in its own order: its signal is aborted, and the parts of the store are stopped only when it has healed
 * and written what it has. A second Ctrl-C ends everything at once.
 */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const running = work(interruption.signal);
  onSignals({
    exitCode: exitCodes.unknown,
    onFirst: () => process.stdout.write('\nStopping: faults are healed first. Ctrl-C again ends at once.\n'),
    beforeStopping: async () => {
      interruption.abort();
      await running;
    },
  });
  return await running;
}
