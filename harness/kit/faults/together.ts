import type { Fault } from './fault.ts';

/** Several faults as one: they start in this order, and stop in the other. What one of them throws does not keep the rest from stopping. */
export function together(faults: readonly Fault[]): Fault {
  return {
    start: async () => {
      for (const fault of faults) await fault.start();
    },
    stop: async () => {
      const failures: unknown[] = [];
      for (const fault of faults.toReversed()) await fault.stop().catch((error) => failures.push(error));
      if (failures.length > 0) throw new AggregateError(failures, 'not every fault could be stopped');
    },
    describe: () => [...new Set(faults.map((fault) => fault.describe()))].join(', '),
  };
}
