import type { Fault } from './fault.ts';

/**
 * Several faults as one: they start in this order, and stop in the other. When one does not start, it and those before it stop,
 * since it may have started by half; when one does not stop, the rest do all the same. What did not stop then is told by `stop`.
 */
export function together(faults: readonly Fault[]): Fault {
  const started: Fault[] = [];
  const failures: unknown[] = [];
  const stopAll = async () => {
    for (const fault of started.splice(0).reverse()) await fault.stop().catch((error) => failures.push(error));
  };
  return {
    start: async () => {
      for (const fault of faults) {
        started.push(fault);
        try {
          await fault.start();
        } catch (error) {
          await stopAll();
          throw error;
        }
      }
    },
    stop: async () => {
      await stopAll();
      if (failures.length > 0) throw unstopped(failures.splice(0));
    },
    describe: () => [...new Set(faults.map((fault) => fault.describe()))].join(', '),
  };
}

/** Its message tells all: nothing else of an AggregateError reaches the report of a case. */
function unstopped(failures: readonly unknown[]): AggregateError {
  const reasons = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join('; ');
  return new AggregateError(failures, `not every fault could be stopped: ${reasons}`);
}
