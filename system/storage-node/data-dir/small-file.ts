import { dirname } from 'node:path';
import { type Disk, readFully } from '../chunks/disk.ts';

const SMALL_FILE_BYTES_MAX = 4096;

/** The text of a file of at most 4 KiB; longer ones are cut. */
export async function readSmallFile(disk: Disk, path: string): Promise<string> {
  const file = await disk.openForReading(path, 'buffered');
  try {
    const buffer = Buffer.alloc(SMALL_FILE_BYTES_MAX);
    return buffer.toString('utf8', 0, await readFully(file, buffer, 0));
  } finally {
    await file.close();
  }
}

/** Creates a file that must not exist, and flushes its bytes; its name only when `syncName` is called. */
export async function createSmallFile(disk: Disk, path: string, text: string): Promise<void> {
  const file = await disk.create(path, 'buffered');
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) written += await file.write(bytes.subarray(written), written);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the name of a file survive a power cut. */
export function syncName(disk: Disk, path: string): Promise<void> {
  return disk.syncDirectory(dirname(path));
}
