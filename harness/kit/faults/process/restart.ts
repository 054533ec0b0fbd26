import type { ManagedProcess } from '../../cluster/target.ts';
import type { Fault } from '../fault.ts';

/** Stops it politely, and starts it again at once. */
export function restart(victim: ManagedProcess): Fault {
  return {
    start: () => victim.restart(),
    stop: async () => {},
    describe: () => `${victim.name} is restarted`,
  };
}
