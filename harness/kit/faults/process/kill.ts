import type { ManagedProcess } from '../../cluster/target.ts';
import type { Fault } from '../fault.ts';

/** SIGKILL, and a new start on the same data. */
export function kill(victim: ManagedProcess): Fault {
  return {
    start: () => victim.kill('SIGKILL'),
    stop: async () => {
      if (!victim.isRunning) await victim.start();
    },
    describe: () => `${victim.name} is killed`,
  };
}
