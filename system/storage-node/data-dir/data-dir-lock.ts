import { join } from 'node:path';
import { ConfigError } from '../../common/config.ts';
import type { Logger } from '../../common/log.ts';
import type { Random } from '../../common/random.ts';
import { type Disk, diskErrorCode } from '../chunks/disk.ts';
import { createSmallFile, readIfThere } from './small-file.ts';

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
 * Processes in different pid namespaces do not see each other: two containers must not share a data directory.
 */
export async function lockDataDir(
  disk: Disk,
  root: string,
  processes: Processes,
  random: Random,
  log: Logger,
): Promise<AsyncDisposable> {
  const path = join(root, 'lock');
  const own = JSON.stringify({ pid: processes.ownPid, life: processes.lifeOf(processes.ownPid) ?? '' });
  for (let attempt = 0; attempt < TAKEOVER_ATTEMPTS_MAX; attempt++) {
    if (await createWhole(disk, path, own, random)) return { [Symbol.asyncDispose]: () => disk.unlink(path) };
    const found = await readIfThere(disk, path);
    if (found === undefined) continue;
    const holder = livingHolder(found, processes);
    if (holder !== undefined) {
      throw new DataDirInUse(
        `the data directory ${root} is in use by process ${holder}: stop that node, or set SEXTANT_NODE_DATA_DIR to another`,
      );
    }
    log.warn({ lock: found }, 'taking over the lock of a process that is gone');
    await removeStale(disk, path, found, own, processes, random);
  }
  throw new DataDirInUse(`the data directory ${root} is being locked by several processes at once`);
}

const TAKEOVER_ATTEMPTS_MAX = 5;

/** A file that is whole as soon as it can be seen: false when the name is taken. */
async function createWhole(disk: Disk, path: string, text: string, random: Random): Promise<boolean> {
  const unfinished = `${path}.${random.uuid()}`;
  await createSmallFile(disk, unfinished, text);
  try {
    await disk.link(unfinished, path);
    return true;
  } catch (error) {
    if (diskErrorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await disk.unlink(unfinished);
  }
}

/**
 * Removes a stale lock if it is still the one that was found. Only who holds the second lock `takeover` may, since the first could
 * be a fresh one by the time it is removed. Returns without having done it when another process is about to.
 */
async function removeStale(
  disk: Disk,
  path: string,
  found: string,
  own: string,
  processes: Processes,
  random: Random,
): Promise<void> {
  const takeover = `${path}.takeover`;
  if (!(await createWhole(disk, takeover, own, random))) {
    const other = await readIfThere(disk, takeover);
    // A process that died within these few steps would otherwise keep every other out for ever.
    if (other !== undefined && livingHolder(other, processes) === undefined) await disk.unlink(takeover);
    return;
  }
  try {
    if ((await readIfThere(disk, path)) === found) await disk.unlink(path);
  } finally {
    await disk.unlink(takeover);
  }
}

/** The process id in a lock, if that very process still runs. A lock that cannot be read was cut by a crash. */
function livingHolder(text: string, processes: Processes): number | undefined {
  try {
    const { pid, life } = JSON.parse(text) as { pid?: unknown; life?: unknown };
    if (typeof pid !== 'number') return undefined;
    return processes.lifeOf(pid) === life ? pid : undefined;
  } catch {
    return undefined;
  }
}
