import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetNode } from '../cluster/target.ts';

/** Removes a chunk from the disk of one node behind the node's back. Throws when it is not there. */
export async function loseReplica(nodes: readonly TargetNode[], serverId: string, chunkId: string): Promise<void> {
  const dataDir = nodes.find((node) => node.serverId === serverId)?.dataDir;
  if (dataDir === undefined || dataDir === null) throw new Error(`the disk of ${serverId} is not on this machine`);
  const chunks = join(dataDir, 'chunks');
  for (const shard of await readdir(chunks)) {
    if (!(await readdir(join(chunks, shard))).includes(chunkId)) continue;
    await rm(join(chunks, shard, chunkId));
    return;
  }
  throw new Error(`${serverId} does not hold ${chunkId}`);
}
