import { crc32c } from '@node-rs/crc32';
import { assert } from '../../common/assert.ts';
import { MiB } from '../../common/bytes.ts';
import { ChunkError } from './chunk-error.ts';
import {
  BLOCK_BYTES,
  blockOffset,
  CHUNK_BYTES_MAX,
  type ChunkFooter,
  decodeFooter,
  footerBytes,
  HEADER_BYTES,
  peekChunkBytes,
  verifyHeader,
} from './chunk-format.ts';
import type { ChunkId } from './chunk-id.ts';
import { type Disk, type DiskFile, diskErrorCode, isUnreadable, PAGE_BYTES, readFully, roundUpToPage } from './disk.ts';

/**
 * Reads one chunk file and gives out nothing that it has not verified. It keeps the file open, so a chunk that is
 * deleted or replaced meanwhile is still read to its end, whole.
 */
export class ChunkReader implements AsyncDisposable {
  readonly #file: DiskFile;
  readonly #footer: ChunkFooter;
  /** Of the file on the disk, header, padding and footer included. */
  readonly fileBytes: number;

  private constructor(file: DiskFile, footer: ChunkFooter, fileBytes: number) {
    this.#file = file;
    this.#footer = footer;
    this.fileBytes = fileBytes;
  }

  /**
   * Opens a chunk and verifies its header and footer. `scratch` is page-aligned, of at least SCRATCH_BYTES, and free again
   * when this resolves. Throws ChunkError ChunkNotFound, ChunkDamaged or UnknownFormat.
   */
  static async open(
    disk: Disk,
    path: string,
    id: ChunkId,
    scratch: Buffer,
    large: 'direct' | 'buffered',
  ): Promise<ChunkReader> {
    assert(
      scratch.length >= SCRATCH_BYTES,
      `the scratch memory has ${scratch.length} bytes, expected ${SCRATCH_BYTES}`,
    );
    const { file, fileBytes } = await openFile(disk, path, id, large);
    try {
      const header = readPage(file, 0, scratch.subarray(0, PAGE_BYTES));
      const read = readFooter(file, fileBytes, scratch.subarray(PAGE_BYTES));
      // Side by side; the file is not closed while one of them still reads it.
      await Promise.allSettled([header, read]);
      // The header first: what a file of a later version ends with need not be a footer as it is known here.
      const { headerCrc } = verifyHeader(await header, id);
      const footer = await read;
      if (headerCrc !== footer.headerCrc) throw damaged('its header and footer are of different files');
      return new ChunkReader(file, footer, fileBytes);
    } catch (error) {
      await file.close();
      throw asDamage(error);
    }
  }

  get sizeBytes(): number {
    return this.#footer.sizeBytes;
  }

  /** 32 bytes, as the footer has them. */
  get sha256(): Buffer {
    return this.#footer.sha256;
  }

  /**
   * Reads `count` blocks from block `first` on into the beginning of `buffer`, which has room for them whole, and verifies
   * each. Resolves with their CRCs. Throws ChunkError ChunkDamaged.
   */
  async readBlocks(first: number, count: number, buffer: Buffer): Promise<Uint32Array> {
    const paddedBytes = roundUpToPage(Math.min(count * BLOCK_BYTES, this.sizeBytes - first * BLOCK_BYTES));
    const padded = buffer.subarray(0, paddedBytes);
    const read = await readFully(this.#file, padded, blockOffset(first)).catch((error) => {
      throw asDamage(error);
    });
    if (read < paddedBytes) throw damaged(`it ends within its blocks ${first} to ${first + count - 1}`);
    for (let index = 0; index < count; index++) {
      const block = padded.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
      const isIntact = crc32c(block) === this.#footer.blockCrcs[first + index];
      if (!isIntact) throw damaged(`block ${first + index} does not match its CRC`);
    }
    return this.#footer.blockCrcs.subarray(first, first + count);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close();
  }
}

/** From this size on, files are read past the page cache where that is possible: filling it costs more than reading. */
const DIRECT_FROM_BYTES = 1 * MiB;

/** A page for the header and the largest footer. */
const SCRATCH_BYTES = PAGE_BYTES + footerBytes(CHUNK_BYTES_MAX);

async function openFile(
  disk: Disk,
  path: string,
  id: ChunkId,
  large: 'direct' | 'buffered',
): Promise<{ file: DiskFile; fileBytes: number }> {
  try {
    const opened = await openSized(disk, path, 'buffered');
    if (large === 'buffered' || opened.fileBytes < DIRECT_FROM_BYTES) return opened;
    await opened.file.close();
    return await openSized(disk, path, 'direct');
  } catch (error) {
    if (diskErrorCode(error) === 'ENOENT') throw new ChunkError('ChunkNotFound', `this node has no chunk ${id}`);
    throw asDamage(error);
  }
}

async function openSized(
  disk: Disk,
  path: string,
  how: 'direct' | 'buffered',
): Promise<{ file: DiskFile; fileBytes: number }> {
  const file = await disk.openForReading(path, how);
  try {
    return { file, fileBytes: await file.sizeBytes() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** One read for chunks up to 248 MiB: their footer is one page. */
async function readFooter(file: DiskFile, fileBytes: number, scratch: Buffer): Promise<ChunkFooter> {
  if (fileBytes < HEADER_BYTES + PAGE_BYTES || fileBytes % PAGE_BYTES !== 0) throw damaged('its length is wrong');
  const lastPage = await readPage(file, fileBytes - PAGE_BYTES, scratch.subarray(0, PAGE_BYTES));
  const bytes = footerBytes(peekChunkBytes(lastPage, fileBytes));
  if (bytes === PAGE_BYTES) return decodeFooter(lastPage, fileBytes);
  const footer = scratch.subarray(0, bytes);
  if ((await readFully(file, footer, fileBytes - bytes)) < bytes) throw damaged('its footer is cut short');
  return decodeFooter(footer, fileBytes);
}

async function readPage(file: DiskFile, at: number, page: Buffer): Promise<Buffer> {
  if ((await readFully(file, page, at)) < PAGE_BYTES) throw damaged('it is cut short');
  return page;
}

function damaged(what: string, cause?: unknown): ChunkError {
  return new ChunkError('ChunkDamaged', `the chunk is damaged on this node's disk: ${what}`, cause);
}

/** A sector that cannot be read is damage like any other. */
function asDamage(error: unknown): unknown {
  return isUnreadable(error) ? damaged('the disk cannot read it', error) : error;
}
