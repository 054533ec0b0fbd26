import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ConfigError } from '../../common/config.ts';
import type { Logger } from '../../common/log.ts';
import { type Disk, diskErrorCode } from '../chunks/disk.ts';
import { readIfThere } from './small-file.ts';

/** Another process works on the data directory. */
export class DataDirInUse extends ConfigError {
  override name = 'DataDirInUse';
}

/** What is known of the processes of this machine. */
export interface Processes {
  readonly ownPid: number;
  /**
   * Tells one life of a process id from another; the same text as long as the process lives. Undefined when no such
   * process runs.
   */
  lifeOf(pid: number): string | undefined;
}

/**
 * Keeps a second node away from `root`. A lock whose process is gone, or whose process id belongs to another process
 * by now, is taken over. Throws DataDirInUse. Dispose the result to let go.
 *
 * A lock is a symbolic link that leads nowhere and says whose it is: a full disk takes one, and it is whole as soon as it is there.
 *
 * Processes in different pid namespaces do not see each other: two containers must not share a data directory.
 */
export async function lockDataDir(
  disk: Disk,
  root: string,
  processes: Processes,
  log: Logger,
): Promise<AsyncDisposable> {
  const path = join(root, 'lock');
  const own = `${processes.ownPid}/${processes.lifeOf(processes.ownPid) ?? ''}`;
  const parts = { disk, root, processes, log, own };
  const holder = await take(parts, path);
  if (holder !== undefined) {
    throw new DataDirInUse(
      `the data directory ${root} is in use by process ${holder}: stop that node, or set SEXTANT_NODE_DATA_DIR to another`,
    );
  }
  // What starters left that died within a few steps of their start.
  const left = (await disk.list(root)).filter((name) => name.startsWith('lock.'));
  for (const name of left) await removeStale(parts, join(root, name));
  return { [Symbol.asyncDispose]: () => disk.unlink(path) };
}

interface LockParts {
  readonly disk: Disk;
  readonly root: string;
  readonly processes: Processes;
  readonly log: Logger;
  /** What a lock of this process says. */
  readonly own: string;
}

const ATTEMPTS_MAX = 5;

/** Resolves with undefined when the lock `path` is this process's from now on, and else with the process that has it. */
async function take(parts: LockParts, path: string): Promise<number | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    if (await create(parts, path)) return undefined;
    const holder = await removeStale(parts, path);
    if (holder !== undefined) return holder;
  }
  throw new DataDirInUse(`the data directory ${parts.root} is being locked by several processes at once`);
}

/** False when the name is taken. */
async function create({ disk, own }: LockParts, path: string): Promise<boolean> {
  try {
    await disk.symlink(own, path);
    return true;
  } catch (error) {
    if (diskErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes the lock `path` when its process is gone. Resolves with the process when it lives, or with another one that is just
 * removing it.
 *
 * By the time it is removed it could be a fresh one. So each stale lock has a lock of its own, which whoever removes it must have;
 * if its holder died, that one is removed in the same way. What a process has said it never says again when it is gone.
 */
async function removeStale(parts: LockParts, path: string): Promise<number | undefined> {
  const { disk, processes, log } = parts;
  const found = await read(disk, path);
  if (found === undefined) return undefined;
  const holder = livingHolder(found, processes);
  if (holder !== undefined) return holder;
  const removal = `${path}.${createHash('sha256').update(found).digest('hex').slice(0, 16)}`;
  const remover = await take(parts, removal);
  if (remover !== undefined) return remover;
  try {
    if ((await read(disk, path)) !== found) return undefined;
    log.warn({ lock: found }, 'removing the lock of a process that is gone');
    await disk.unlink(path);
  } finally {
    await disk.unlink(removal);
  }
  return undefined;
}

/** What a lock says; undefined when there is none. */
async function read(disk: Disk, path: string): Promise<string | undefined> {
  try {
    return await disk.readlink(path);
  } catch (error) {
    // Earlier nodes kept a file.
    if (diskErrorCode(error) === 'EINVAL') return readIfThere(disk, path);
    if (diskErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The process id in a lock, if that very process still runs. A file that cannot be read was cut by a crash. */
function livingHolder(text: string, processes: Processes): number | undefined {
  const [, pid, life] = /^(\d+)\/(.*)$/.exec(text) ?? /^\{"pid":(\d+),"life":"(.*)"\}$/.exec(text) ?? [];
  return pid !== undefined && processes.lifeOf(Number(pid)) === life ? Number(pid) : undefined;
}
