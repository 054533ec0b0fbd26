import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * When a process started, as an opaque number that together with its id names it for ever: clock ticks since
 * boot on Linux, milliseconds since 1970 elsewhere. Null when it is gone, or only waits to be reaped.
 */
export function startMark(pid: number): number | null {
  if (process.platform !== 'linux') return startMarkFromPs(pid);
  const fields = statFields(pid);
  return fields === null || fields[state] === 'Z' ? null : Number(fields[startTime]);
}

/**
 * Whether `pid` is still the process that had this mark, and not another one that got its number. Without a
 * mark it answers false: better to leave a process alone than to end somebody else's.
 */
export function isSameProcess(pid: number, mark: number | null): boolean {
  return mark !== null && startMark(pid) === mark;
}

/** User and system time in seconds; null where the system does not tell. */
export function cpuSeconds(pid: number): number | null {
  const fields = statFields(pid);
  return fields === null ? null : (Number(fields[userTime]) + Number(fields[systemTime])) / ticksPerSecond;
}

/** The largest resident set that the process ever had, in bytes; null where the system does not tell. */
export function peakRssBytes(pid: number): number | null {
  const kib = readProc(pid, 'status')?.match(/^VmHWM:\s+(\d+) kB$/m)?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}

// Where proc(5) puts them, counted from the third field on.
const state = 0;
const userTime = 11;
const systemTime = 12;
const startTime = 19;
/** Linux has used 100 for user space on every architecture for decades (sysconf _SC_CLK_TCK). */
const ticksPerSecond = 100;

function statFields(pid: number): string[] | null {
  const stat = readProc(pid, 'stat');
  // The second field, the name in brackets, may hold blanks and brackets itself: begin behind the last one.
  return stat === null ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return null;
  }
}

function startMarkFromPs(pid: number): number | null {
  try {
    const line = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env: { LC_ALL: 'C' } });
    return Date.parse(line.trim()) || null;
  } catch {
    return null;
  }
}
