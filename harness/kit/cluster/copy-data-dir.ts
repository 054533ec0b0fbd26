import { cp, rm } from 'node:fs/promises';
import { basename } from 'node:path';

/**
 * Makes `to` what `from` is now; what was in `to` is gone. `to` may not be in use, and in `from` nothing may come or go
 * meanwhile. The lock is left out: it names the process that works on `from`.
 */
export async function copyDataDir(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true, preserveTimestamps: true, filter: (path) => basename(path) !== 'lock' });
}
