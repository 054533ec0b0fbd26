import type { ManagedProcess } from '../../cluster/target.ts';
import type { Fault } from '../fault.ts';
import { Lever } from '../lever.ts';

/** The wall clock of one process is `ms` ahead, or behind when negative. */
export function clockJump(victim: ManagedProcess, controlDir: string, ms: number): Fault {
  const lever = new Lever(controlDir, victim);
  return {
    start: () => lever.pull({ clockMs: ms }),
    stop: () => lever.pull({ clockMs: 0 }),
    describe: () => `the clock of ${victim.name} is ${Math.abs(ms)} ms ${ms < 0 ? 'behind' : 'ahead'}`,
  };
}
