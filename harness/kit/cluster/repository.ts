import { join, resolve } from 'node:path';

/** The folder that holds package.json. */
export const repositoryRoot = resolve(import.meta.dirname, '../../..');

export interface EntryPoints {
  readonly gateway: string;
  readonly node: string;
}

export const systemEntryPoints = entryPointsIn(repositoryRoot);

/** Of a tree like this one. */
export function entryPointsIn(root: string): EntryPoints {
  return { gateway: join(root, 'system/gateway/main.ts'), node: join(root, 'system/storage-node/main.ts') };
}
