import type { Disk, DiskFile } from './disk.ts';

export interface Faults {
  /** Asked before each operation; what it throws, the operation throws. `path` is of the file or directory. */
  before?: (operation: DiskOperation, path: string) => void | Promise<void>;
  /** How many of `bytes` bytes a write takes. */
  writes?: (bytes: number, at: number) => number;
}

export type DiskOperation =
  | 'open'
  | 'create'
  | 'read'
  | 'write'
  | 'sync'
  | 'rename'
  | 'unlink'
  | 'syncDirectory'
  | 'stat';

/** The failure that the operating system would report by this name. */
export function diskFailure(code: string): Error {
  return Object.assign(new Error(`${code}: made by the test`), { code });
}

/** A disk on which things go wrong where `faults` says so, and which otherwise is `disk`. */
export function faultyDisk(disk: Disk, faults: Faults): Disk {
  const before = async (operation: DiskOperation, path: string) => faults.before?.(operation, path);
  const faulty = (file: DiskFile, path: string): DiskFile => ({
    read: async (buffer, at) => {
      await before('read', path);
      return file.read(buffer, at);
    },
    write: async (buffer, at) => {
      await before('write', path);
      return file.write(buffer.subarray(0, faults.writes?.(buffer.length, at) ?? buffer.length), at);
    },
    sync: async () => {
      await before('sync', path);
      return file.sync();
    },
    sizeBytes: () => file.sizeBytes(),
    close: () => file.close(),
  });
  return {
    ...disk,
    openForReading: async (path, how) => {
      await before('open', path);
      return faulty(await disk.openForReading(path, how), path);
    },
    create: async (path, how) => {
      await before('create', path);
      return faulty(await disk.create(path, how), path);
    },
    rename: async (from, to) => {
      await before('rename', to);
      return disk.rename(from, to);
    },
    unlink: async (path) => {
      await before('unlink', path);
      return disk.unlink(path);
    },
    stat: async (path) => {
      await before('stat', path);
      return disk.stat(path);
    },
    syncDirectory: async (path) => {
      await before('syncDirectory', path);
      return disk.syncDirectory(path);
    },
  };
}
