import { join } from 'node:path';
import { ConfigError } from '../../common/config.ts';
import type { Random } from '../../common/random.ts';
import type { DataDir } from '../chunks/data-dir.ts';
import { type Disk, diskErrorCode } from '../chunks/disk.ts';
import { createSmallFile, readSmallFile, syncName } from './small-file.ts';

/** The data directory belongs to another node than the settings say. */
export class WrongServerId extends ConfigError {
  override name = 'WrongServerId';
}

/**
 * The node's stable name: what the data directory holds, else `wanted`, else a fresh one, which is then kept.
 * Throws WrongServerId when the directory holds another one than is wanted.
 */
export async function keepServerId(
  disk: Disk,
  dir: DataDir,
  wanted: string | undefined,
  random: Random,
): Promise<string> {
  const path = join(dir.root, 'server-id');
  const kept = await readIfThere(disk, path);
  if (kept !== undefined && wanted !== undefined && kept !== wanted) {
    throw new WrongServerId(
      `the data directory ${dir.root} belongs to node ${kept}, but SEXTANT_NODE_ID is ${wanted}: correct one of the two`,
    );
  }
  if (kept !== undefined) return kept;
  const serverId = wanted ?? `node-${random.uuid().slice(0, 8)}`;
  const unfinished = join(dir.tmp, `${random.uuid()}.server-id`);
  await createSmallFile(disk, unfinished, `${serverId}\n`);
  await disk.rename(unfinished, path);
  await syncName(disk, path);
  return serverId;
}

async function readIfThere(disk: Disk, path: string): Promise<string | undefined> {
  try {
    return (await readSmallFile(disk, path)).trim() || undefined;
  } catch (error) {
    if (diskErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
