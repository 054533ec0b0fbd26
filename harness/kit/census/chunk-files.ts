import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetNode } from '../cluster/target.ts';

/** What lies on one node's disk. */
export interface NodeDisk {
  readonly serverId: string;
  /** Ids of the chunks that are stored: `chunks/<shard>/<chunk id>`. */
  readonly chunkIds: readonly string[];
  /** Names of files that are still being written, or were left half written: `tmp/<name>`. */
  readonly unfinished: readonly string[];
}

/** Reads the folders of every node, at rest or running. Throws when a node's folder is not on this machine. */
export function readDisks(nodes: readonly TargetNode[]): Promise<NodeDisk[]> {
  return Promise.all(nodes.map(readDisk));
}

async function readDisk({ serverId, dataDir }: TargetNode): Promise<NodeDisk> {
  if (dataDir === null) throw new Error(`the disk of ${serverId} is not on this machine`);
  const shards = await readdir(join(dataDir, 'chunks'));
  const perShard = await Promise.all(shards.map((shard) => readdir(join(dataDir, 'chunks', shard))));
  return { serverId, chunkIds: perShard.flat(), unfinished: await readdir(join(dataDir, 'tmp')) };
}
