import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join, sep } from 'node:path';
import type { Control } from './control.ts';
import { trackOpenFiles } from './open-files.ts';

type Callback = (error: NodeJS.ErrnoException | null, ...results: unknown[]) => void;
type CallbackStyle = (...args: unknown[]) => void;
type PromiseStyle = (...args: unknown[]) => Promise<unknown>;

/** How many operations were made to fail, and how many to wait. */
export interface Touched {
  failed: number;
  delayed: number;
}

/**
 * Puts a bad disk under the data folder: the functions of node:fs that take a callback, and those of node:fs/promises that
 * take a path, are slow or fail as `control` says. What goes through a FileHandle is not reached; `touched` tells the truth.
 */
export function breakDisk(dataDir: string, control: () => Control, touched: Touched): void {
  const inDataDir = (path: unknown) => typeof path === 'string' && path.startsWith(dataDir + sep);
  const chunkFiles = join(dataDir, 'chunks') + sep;
  const paths = trackOpenFiles(inDataDir);

  const readError = (fd: unknown) => {
    const path = paths.get(fd);
    const fails = path?.startsWith(chunkFiles) === true && badness(path) < control().readErrorsPerCent;
    return fails ? 'EIO' : '';
  };
  const writeError = (fd: unknown) => (paths.has(fd) ? control().writeError : '');

  for (const [name, errorOf] of Object.entries({
    read: readError,
    write: writeError,
    fdatasync: writeError,
    fsync: writeError,
  })) {
    const real = Reflect.get(fs, name) as CallbackStyle;
    Reflect.set(fs, name, (...args: unknown[]) => {
      const code = errorOf(args[0]);
      const delayMs = paths.has(args[0]) ? control().diskDelayMs : 0;
      if (code === '' && delayMs === 0) return real(...args);
      if (code !== '') touched.failed += 1;
      if (delayMs > 0) touched.delayed += 1;
      const act = () => (code === '' ? real(...args) : (args.at(-1) as Callback)(diskError(code, name)));
      setTimeout(act, delayMs);
    });
  }
  for (const name of ['rename', 'link', 'unlink']) {
    const real = Reflect.get(fs.promises, name) as PromiseStyle;
    Reflect.set(fs.promises, name, async (...args: unknown[]) => {
      const { diskDelayMs } = control();
      if (diskDelayMs > 0 && inDataDir(args[0])) {
        touched.delayed += 1;
        await new Promise((resolve) => setTimeout(resolve, diskDelayMs));
      }
      return real(...args);
    });
  }
  syncBuiltinESMExports();
}

/** 0 to 99, always the same for the same chunk. */
function badness(path: string): number {
  return createHash('sha256').update(basename(path)).digest().readUInt16LE(0) % 100;
}

function diskError(code: string, call: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: a fault of the harness, ${call}`), { code, syscall: call });
}
