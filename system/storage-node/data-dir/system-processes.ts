import { readFileSync } from 'node:fs';
import type { Processes } from './data-dir-lock.ts';

/** The processes of this machine: by /proc where there is one, else by sending signal 0. */
export const systemProcesses: Processes = {
  ownPid: process.pid,
  lifeOf: (pid) => {
    if (!isRunning(pid)) return undefined;
    try {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      return `${boot}/${startTicks(readFileSync(`/proc/${pid}/stat`, 'utf8'))}`;
    } catch {
      return 'running';
    }
  },
};

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Field 22 of /proc/<pid>/stat (proc(5)); the second field is in parentheses and may hold spaces. */
function startTicks(stat: string): string {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
