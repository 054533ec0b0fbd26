import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** How many nodes a cluster has that nobody wished otherwise. */
export const defaultNodes = 6;

/** The numbers of the nodes that have data under `dataDir`, ascending. One that was removed for good leaves a gap. */
export async function existingNodes(dataDir: string): Promise<number[]> {
  const names = await readdir(join(dataDir, 'nodes')).catch(() => []);
  return names
    .map((name) => Number(/^node-(\d+)$/.exec(name)?.[1] ?? 0))
    .filter((number) => number > 0)
    .sort((one, other) => one - other);
}

/**
 * Which nodes a cluster has: all that have data, and new ones until there are `wanted`. Without a wish those that have
 * data are enough, so that a cluster of seven nodes, or of five, is that again at its next start.
 */
export function nodeNumbers(existing: readonly number[], wanted: number | undefined): number[] {
  const numbers = [...existing];
  const count = wanted ?? (existing.length > 0 ? existing.length : defaultNodes);
  for (let next = (existing.at(-1) ?? 0) + 1; numbers.length < count; next++) numbers.push(next);
  return numbers;
}
