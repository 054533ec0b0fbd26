import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * PostgreSQL shows its cluster_name in the command line of the postmaster and in the title of every child,
 * which any user may read. It is made from the folder's identity on disk, so a server is found again by its
 * data, whatever a stale pid file says and however the folder was reached.
 */
export async function clusterNameOf(clusterDir: string): Promise<string> {
  const { dev, ino } = await stat(clusterDir, { bigint: true });
  return `sextant-${createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 16)}`;
}

/** The ids of all living processes of the server, the postmaster and its children. */
export async function processesOf(clusterName: string): Promise<number[]> {
  const all = process.platform === 'linux' ? await commandLinesFromProc() : await commandLinesFromPs();
  const isServer = (commandLine: string) =>
    /(^|\/)postgres[\0: ]/.test(commandLine) && commandLine.includes(clusterName);
  return all.filter(({ commandLine }) => isServer(commandLine)).map(({ pid }) => pid);
}

/** False when some process was still there after `withinMs`. */
export async function untilGone(clusterName: string, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  while ((await processesOf(clusterName)).length > 0) {
    if (performance.now() > until) return false;
    await sleep(20);
  }
  return true;
}

const politeDeadlineMs = 15_000;
const orphanDeadlineMs = 3_000;

/**
 * Ends what an earlier process left: a whole server, which is asked to stop, or the children of a killed
 * postmaster, which end by themselves unless they are stuck. Removes a pid file whose id means another program now.
 */
export async function clearLeftovers(clusterName: string, clusterDir: string): Promise<void> {
  const pidFile = join(clusterDir, 'postmaster.pid');
  const recordedPid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  const left = await processesOf(clusterName);
  if (left.length > 0) {
    const hasPostmaster = left.includes(recordedPid);
    signalAll(left, 'SIGCONT');
    if (hasPostmaster) signalAll([recordedPid], 'SIGINT');
    const gone = await untilGone(clusterName, hasPostmaster ? politeDeadlineMs : orphanDeadlineMs);
    if (!gone) {
      signalAll(await processesOf(clusterName), 'SIGKILL');
      if (!(await untilGone(clusterName, orphanDeadlineMs))) {
        throw new Error(`an earlier PostgreSQL on ${clusterDir} does not end: processes ${left.join(', ')}`);
      }
    }
  }
  if (recordedPid > 0 && isAlive(recordedPid)) await rm(pidFile, { force: true });
}

async function commandLinesFromProc(): Promise<{ pid: number; commandLine: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => {
      // A zombie has an empty command line, so a dead process that nobody has waited for does not count.
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid: Number(pid), commandLine };
    }),
  );
}

async function commandLinesFromPs(): Promise<{ pid: number; commandLine: string }[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,args=']);
  return stdout.split('\n').map((line) => ({ pid: Number.parseInt(line, 10), commandLine: line }));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended in between.
    }
  }
}
