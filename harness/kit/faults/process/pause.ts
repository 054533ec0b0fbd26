import type { ManagedProcess } from '../../cluster/target.ts';
import type { Fault } from '../fault.ts';

/** SIGSTOP: its connections stay open, and nobody answers on them. */
export function pause(victim: ManagedProcess): Fault {
  return {
    start: () => victim.kill('SIGSTOP'),
    stop: () => victim.kill('SIGCONT'),
    describe: () => `${victim.name} is paused`,
  };
}
