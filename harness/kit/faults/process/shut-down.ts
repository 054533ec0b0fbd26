import type { ManagedProcess } from '../../cluster/target.ts';
import type { Fault } from '../fault.ts';

/** Ends it politely, as an operator does, and starts it again when the fault is over. */
export function shutDown(victim: ManagedProcess): Fault {
  return {
    start: () => victim.stop(),
    stop: async () => {
      if (!victim.isRunning) await victim.start();
    },
    describe: () => `${victim.name} is shut down`,
  };
}
