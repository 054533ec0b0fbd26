/**
 * The disk as an argument: everything the storage node does to files goes through here, so that a test or a
 * simulation can cut writes short, fill the disk, fail a sector or stop the machine at any step.
 *
 * Failures reject with an error whose `code` is the operating system's name for it (ENOENT, EEXIST, ENOSPC,
 * EDQUOT, EFBIG, EIO, EROFS, EINVAL ...), as node:fs does it.
 */
export interface Disk {
  /** Zeroed memory that begins at a page boundary, as direct I/O needs it. It is never given back. */
  alignedMemory(bytes: number): Buffer;
  /** `direct` goes past the page cache: memory, offsets and lengths are then multiples of PAGE_BYTES. */
  openForReading(path: string, how: 'direct' | 'buffered'): Promise<DiskFile>;
  /** Creates a file, which must not exist (EEXIST). */
  create(path: string, how: 'direct' | 'buffered'): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file; EEXIST when the name is taken. */
  link(from: string, to: string): Promise<void>;
  /** A name for a text of at most 59 bytes, which needs no block of the disk; EEXIST when the name is taken. */
  symlink(text: string, path: string): Promise<void>;
  /** The text of such a name; EINVAL when it is one of a file. */
  readlink(path: string): Promise<string>;
  unlink(path: string): Promise<void>;
  /** Creates a directory and those above it, unless they exist. */
  makeDirectory(path: string): Promise<void>;
  /** Makes the names in a directory survive a power cut. */
  syncDirectory(path: string): Promise<void>;
  /** Names, in no order. */
  list(directory: string): Promise<string[]>;
  stat(path: string): Promise<FileStat>;
  /** Of the filesystem that `path` lies on. */
  space(path: string): Promise<DiskSpace>;
}

/** Whoever opens one closes it. */
export interface DiskFile {
  /** Reads up to `buffer.length` bytes; resolves with how many were read, 0 at the end of the file. */
  read(buffer: Buffer, at: number): Promise<number>;
  /** Writes up to `buffer.length` bytes; resolves with how many were written, which may be fewer. */
  write(buffer: Buffer, at: number): Promise<number>;
  /** Resolves when the bytes, and what is needed to find them, survive a power cut. */
  sync(): Promise<void>;
  sizeBytes(): Promise<number>;
  close(): Promise<void>;
}

export interface FileStat {
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  readonly isFile: boolean;
}

export interface DiskSpace {
  readonly totalBytes: number;
  readonly usedBytes: number;
  /** What an ordinary user may still write. */
  readonly availableBytes: number;
}

/** Memory, offsets and lengths of direct I/O are multiples of this. */
export const PAGE_BYTES = 4096;

export function roundUpToPage(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

/** Reads until `buffer` is full or the file ends. Resolves with the bytes read. */
export async function readFully(file: DiskFile, buffer: Buffer, at: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const bytes = await file.read(filled === 0 ? buffer : buffer.subarray(filled), at + filled);
    if (bytes === 0) break;
    filled += bytes;
  }
  return filled;
}

/** The operating system's name for a failure; undefined when the error is not one of a disk. */
export function diskErrorCode(error: unknown): string | undefined {
  const { code, errno } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (typeof code !== 'string') return undefined;
  return /^E[A-Z0-9]+$/.test(code) ? code : NAMELESS.get(errno ?? 0);
}

/** By the number that Linux has for it, negative: what a filesystem says of itself, and Node has no name for. */
const NAMELESS: ReadonlyMap<number, string> = new Map([
  [-117, 'EUCLEAN'],
  [-74, 'EBADMSG'],
]);

/** The disk cannot give back what was written; the rest (EMFILE, EACCES) says nothing about the bytes. */
export function isUnreadable(error: unknown): boolean {
  return UNREADABLE.has(diskErrorCode(error) ?? '');
}

/**
 * What Linux says of a sector that cannot be read: EIO where the page cache read it; of a read past the cache, the device's own
 * reason, the medium or the checksum of the sector (blk_errors in its block/blk-core.c). EUCLEAN and EBADMSG are what ext4 and
 * XFS say where what leads to the bytes is corrupt.
 */
const UNREADABLE = new Set(['EIO', 'ENODATA', 'EILSEQ', 'EUCLEAN', 'EBADMSG']);
