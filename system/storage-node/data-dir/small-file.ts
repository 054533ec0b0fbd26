import { dirname, join } from 'node:path';
import type { Random } from '../../common/random.ts';
import type { DataDir } from '../chunks/data-dir.ts';
import { type Disk, diskErrorCode, readFully } from '../chunks/disk.ts';

const SMALL_FILE_BYTES_MAX = 4096;

/** The text of a file of at most 4 KiB; longer ones are cut. */
async function readSmallFile(disk: Disk, path: string): Promise<string> {
  const file = await disk.openForReading(path, 'buffered');
  try {
    const buffer = Buffer.alloc(SMALL_FILE_BYTES_MAX);
    return buffer.toString('utf8', 0, await readFully(file, buffer, 0));
  } finally {
    await file.close();
  }
}

/** As `readSmallFile`; undefined when there is no such file. */
export async function readIfThere(disk: Disk, path: string): Promise<string | undefined> {
  try {
    return await readSmallFile(disk, path);
  } catch (error) {
    if (diskErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A line that the data directory keeps under `name`; undefined when it keeps none. */
export async function keptLine(disk: Disk, dir: DataDir, name: string): Promise<string | undefined> {
  return (await readIfThere(disk, join(dir.root, name)))?.trim() || undefined;
}

/** Keeps a line under `name`: afterwards it is there, whole, also after a power cut. */
export async function keepLine(disk: Disk, dir: DataDir, name: string, line: string, random: Random): Promise<void> {
  const path = join(dir.root, name);
  const unfinished = join(dir.tmp, `${random.uuid()}.${name}`);
  await createSmallFile(disk, unfinished, `${line}\n`);
  await disk.rename(unfinished, path);
  await syncName(disk, path);
}

/** Creates a file that must not exist, and flushes its bytes, not its name. */
async function createSmallFile(disk: Disk, path: string, text: string): Promise<void> {
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
function syncName(disk: Disk, path: string): Promise<void> {
  return disk.syncDirectory(dirname(path));
}
