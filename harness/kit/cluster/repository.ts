import { join, resolve } from 'node:path';

/** The folder that holds package.json. */
export const repositoryRoot = resolve(import.meta.dirname, '../../..');

export interface EntryPoints {
  readonly gateway: string;
  readonly node: string;
}

export const systemEntryPoints: EntryPoints = {
  gateway: join(repositoryRoot, 'system/gateway/main.ts'),
  node: join(repositoryRoot, 'system/storage-node/main.ts'),
};
