import * as fs from 'node:fs';
import { promisify } from 'node:util';
import type { Disk, DiskFile, DiskSpace, FileStat } from './disk.ts';

const open = promisify(fs.open);
const close = promisify(fs.close);
const fdatasync = promisify(fs.fdatasync);
const fsync = promisify(fs.fsync);
const fstat = promisify(fs.fstat);

const WASM_PAGE_BYTES = 65_536;
const { O_CREAT, O_DIRECT, O_EXCL, O_RDONLY, O_RDWR } = fs.constants;

/** TypeScript declares it only for browsers. */
declare const WebAssembly: {
  readonly Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
};

/** The real disk, by node:fs. */
export const systemDisk: Disk = {
  alignedMemory,
  openForReading: async (path, how) => new SystemFile(await open(path, O_RDONLY | directFlag(how))),
  create: async (path, how) => new SystemFile(await open(path, O_RDWR | O_CREAT | O_EXCL | directFlag(how), 0o640)),
  rename: fs.promises.rename,
  link: fs.promises.link,
  symlink: (text, path) => fs.promises.symlink(text, path),
  readlink: (path) => fs.promises.readlink(path),
  unlink: fs.promises.unlink,
  makeDirectory: async (path) => {
    await fs.promises.mkdir(path, { recursive: true, mode: 0o750 });
  },
  syncDirectory,
  list: (directory) => fs.promises.readdir(directory),
  stat: async (path): Promise<FileStat> => {
    const found = await fs.promises.stat(path);
    return { sizeBytes: found.size, modifiedAtMs: Math.trunc(found.mtimeMs), isFile: found.isFile() };
  },
  space: async (path): Promise<DiskSpace> => {
    const found = await fs.promises.statfs(path);
    return {
      totalBytes: found.blocks * found.bsize,
      usedBytes: (found.blocks - found.bfree) * found.bsize,
      availableBytes: found.bavail * found.bsize,
    };
  },
};

/** O_DIRECT is not defined where the operating system has none. */
function directFlag(how: 'direct' | 'buffered'): number {
  return how === 'direct' ? (O_DIRECT ?? 0) : 0;
}

class SystemFile implements DiskFile {
  readonly #fd: number;
  constructor(fd: number) {
    this.#fd = fd;
  }

  read(buffer: Buffer, at: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.#fd, buffer, 0, buffer.length, at, (error, bytes) => (error ? reject(error) : resolve(bytes)));
    });
  }

  write(buffer: Buffer, at: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.write(this.#fd, buffer, 0, buffer.length, at, (error, bytes) => (error ? reject(error) : resolve(bytes)));
    });
  }

  /** fdatasync flushes the file's size and extents too: all that is needed to read the bytes back. */
  sync(): Promise<void> {
    return fdatasync(this.#fd);
  }

  async sizeBytes(): Promise<number> {
    return (await fstat(this.#fd)).size;
  }

  close(): Promise<void> {
    return close(this.#fd);
  }
}

async function syncDirectory(path: string): Promise<void> {
  const fd = await open(path, O_RDONLY);
  try {
    await fsync(fd);
  } finally {
    await close(fd);
  }
}

/** JavaScript cannot ask for aligned memory, but the linear memory of WebAssembly begins at a page. */
function alignedMemory(bytes: number): Buffer {
  const pages = Math.ceil(bytes / WASM_PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  return Buffer.from(memory.buffer, 0, bytes);
}
