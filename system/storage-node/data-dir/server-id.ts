import { ConfigError } from '../../common/config.ts';
import type { Random } from '../../common/random.ts';
import type { DataDir } from '../chunks/data-dir.ts';
import type { Disk } from '../chunks/disk.ts';
import { keepLine, keptLine } from './small-file.ts';

const FILE_NAME = 'server-id';

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
  const kept = await keptLine(disk, dir, FILE_NAME);
  if (kept !== undefined && wanted !== undefined && kept !== wanted) {
    throw new WrongServerId(
      `the data directory ${dir.root} belongs to node ${kept}, but SEXTANT_NODE_ID is ${wanted}: correct one of the two`,
    );
  }
  if (kept !== undefined) return kept;
  const serverId = wanted ?? `node-${random.uuid().slice(0, 8)}`;
  await keepLine(disk, dir, FILE_NAME, serverId, random);
  return serverId;
}
