import { join, resolve } from 'node:path';
import { repositoryRoot } from '../kit/cluster/repository.ts';

/** Shown in --help. */
export const defaultDataDirName = '.sextant';

/** The default lies in the repository, wherever the command was called; a name is meant from where the user stands. */
export function dataDirFrom(given: string | undefined): string {
  return given === undefined ? join(repositoryRoot, defaultDataDirName) : fromUsersFolder(given);
}

/** npm runs scripts in the package's folder and tells in INIT_CWD where the user stood. */
export function fromUsersFolder(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
}
