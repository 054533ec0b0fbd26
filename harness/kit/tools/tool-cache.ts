import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { repositoryRoot } from '../cluster/repository.ts';

/** What the harness builds and installs for itself lies here, once for this checkout. */
export const toolCache = join(repositoryRoot, 'node_modules/.cache/sextant');

/** Where a program is on PATH; null when it is not. */
export async function programOnPath(name: string): Promise<string | null> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, name);
    if (folder !== '' && (await isExecutable(file))) return file;
  }
  return null;
}

export function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
