import { dirname, join } from 'node:path';
import type { Failpoints } from '../../common/failpoint.ts';
import type { Random } from '../../common/random.ts';
import type { NodeFailpoint } from '../failpoints.ts';
import { shardNames } from './chunk-id.ts';
import { type Disk, diskErrorCode, PAGE_BYTES } from './disk.ts';

/** Where things lie in a node's data directory. */
export interface DataDir {
  readonly root: string;
  /** `chunks/<shard>/<chunk id>`. */
  readonly chunks: string;
  /** Unfinished chunk files: `tmp/<unique>.part`. On the same filesystem, so that they can be renamed into place. */
  readonly tmp: string;
}

/** Creates what is missing, and makes it survive a power cut. */
export async function prepareDataDir(disk: Disk, root: string): Promise<DataDir> {
  const dir = { root, chunks: join(root, 'chunks'), tmp: join(root, 'tmp') };
  await disk.makeDirectory(dir.tmp);
  await disk.makeDirectory(dir.chunks);
  for (const shard of shardNames) await disk.makeDirectory(join(dir.chunks, shard));
  for (const directory of [dir.chunks, root, dirname(root)]) await disk.syncDirectory(directory);
  return dir;
}

/** Removes what a crash left unfinished. Resolves with how many files that were. */
export async function sweepUnfinished(
  disk: Disk,
  dir: DataDir,
  failpoints: Failpoints<NodeFailpoint>,
): Promise<number> {
  const names = await disk.list(dir.tmp);
  for (const name of names) {
    await disk.unlink(join(dir.tmp, name));
    await failpoints.reach('sweep.mid-way');
  }
  return names.length;
}

/** Whether the filesystem takes direct writes: tmpfs and some overlays refuse them, at open or only at the first write. */
export async function supportsDirectIo(disk: Disk, dir: DataDir, random: Random): Promise<boolean> {
  const path = join(dir.tmp, `${random.uuid()}.probe`);
  try {
    const file = await disk.create(path, 'direct');
    try {
      return (await file.write(disk.alignedMemory(PAGE_BYTES), 0)) === PAGE_BYTES;
    } finally {
      await file.close();
    }
  } catch (error) {
    // A full disk says nothing about direct writes, and refuses buffered ones just as well.
    return diskErrorCode(error) !== 'EINVAL' && diskErrorCode(error) !== 'ENOTSUP';
  } finally {
    await disk.unlink(path).catch(() => {});
  }
}
