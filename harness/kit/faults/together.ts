import type { Fault } from './fault.ts';

/**
 * Several faults as one: they start in this order, and stop in the other. When one does not start, those before it stop; when
 * one does not stop, the rest do all the same.
 */
export function together(faults: readonly Fault[]): Fault {
  const started: Fault[] = [];
  const stop = async () => {
    const failures: unknown[] = [];
    for (const fault of started.splice(0).reverse()) await fault.stop().catch((error) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'not every fault could be stopped');
  };
  return {
    start: async () => {
      for (const fault of faults) {
        try {
          await fault.start();
        } catch (error) {
          await stop();
          throw error;
        }
        started.push(fault);
      }
    },
    stop,
    describe: () => [...new Set(faults.map((fault) => fault.describe()))].join(', '),
  };
}
