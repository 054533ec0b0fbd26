import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** How many nodes have data under `dataDir`. */
export async function existingNodes(dataDir: string): Promise<number> {
  const names = await readdir(join(dataDir, 'nodes')).catch(() => []);
  const numbers = names.map((name) => Number(/^node-(\d+)$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}
