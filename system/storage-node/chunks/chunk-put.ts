import type { Failpoints } from '../../common/failpoint.ts';
import type { NodeFailpoint } from '../failpoints.ts';
import { ChunkError } from './chunk-error.ts';
import { CHUNK_BYTES_MAX, chunkFileBytes } from './chunk-format.ts';
import type { ChunkId } from './chunk-id.ts';
import { ChunkWriter, type WrittenChunk } from './chunk-writer.ts';
import { type Disk, type DiskFile, diskErrorCode } from './disk.ts';
import type { SlabLease } from './slab-pool.ts';
import type { SpaceReservation } from './space-ledger.ts';

/** An unfinished chunk: a temporary file that grows. Disposing it removes the file, unless it was moved into place. */
export class ChunkPut implements AsyncDisposable {
  readonly id: ChunkId;
  readonly path: string;
  readonly #disk: Disk;
  readonly #file: DiskFile;
  readonly #slabs: SlabLease;
  readonly #space: SpaceReservation;
  readonly #writer: ChunkWriter;
  readonly #failpoints: Failpoints<NodeFailpoint>;
  #isOpen = true;
  #isMoved = false;

  private constructor(parts: ChunkPutParts, file: DiskFile) {
    this.id = parts.id;
    this.path = parts.path;
    this.#disk = parts.disk;
    this.#slabs = parts.slabs;
    this.#space = parts.space;
    this.#file = file;
    this.#failpoints = parts.failpoints;
    const header = { chunkId: parts.id, createdAtMs: parts.createdAtMs };
    this.#writer = new ChunkWriter(file, parts.slabs, header, parts.failpoints);
  }

  /** Takes over the lease and the reservation, also when it throws (ChunkError NoSpace, DiskFailed). */
  static async create(parts: ChunkPutParts, how: 'direct' | 'buffered'): Promise<ChunkPut> {
    try {
      parts.space.growTo(chunkFileBytes(0));
      return new ChunkPut(parts, await writing(() => parts.disk.create(parts.path, how)));
    } catch (error) {
      parts.space[Symbol.dispose]();
      parts.slabs[Symbol.dispose]();
      throw error;
    }
  }

  get sizeBytes(): number {
    return this.#writer.sizeBytes;
  }

  /** What the file takes on the disk, once it is finished. */
  get fileBytes(): number {
    return chunkFileBytes(this.sizeBytes);
  }

  /** Makes sure of the space for `sizeBytes` in all, before they come. Throws ChunkError NoSpace or InvalidRequest. */
  reserve(sizeBytes: number): void {
    if (sizeBytes > CHUNK_BYTES_MAX) {
      throw new ChunkError('InvalidRequest', `a chunk has at most ${CHUNK_BYTES_MAX} bytes`);
    }
    this.#space.growTo(chunkFileBytes(sizeBytes));
  }

  /**
   * Resolves when `data` has been copied and may be used again, undefined when it already has; the write may still be
   * under way. One at a time. Throws ChunkError NoSpace, DiskFailed or InvalidRequest.
   */
  append(data: Uint8Array): Promise<void> | undefined {
    this.reserve(this.sizeBytes + data.length);
    const reached = this.#failpoints.reach('put.mid-write');
    const appended = reached?.then(() => this.#writer.append(data)) ?? this.#writer.append(data);
    return appended && writing(() => appended);
  }

  /** Completes and flushes the temporary file. */
  async finish(): Promise<WrittenChunk> {
    return writing(async () => {
      const written = await this.#writer.finish();
      await this.#failpoints.reach('put.after-flush');
      await this.#close();
      return written;
    });
  }

  /** Gives the finished file its place. */
  async moveTo(path: string): Promise<void> {
    await writing(() => this.#disk.rename(this.path, path));
    this.#isMoved = true;
  }

  /** The file counts as a stored one from now on. */
  releaseSpace(): void {
    this.#space[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer[Symbol.asyncDispose]();
    await this.#close().catch(() => {});
    // A temporary that cannot be removed now is swept at the next start.
    if (!this.#isMoved) await this.#disk.unlink(this.path).catch(() => {});
    this.releaseSpace();
    this.#slabs[Symbol.dispose]();
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#file.close();
  }
}

export interface ChunkPutParts {
  readonly id: ChunkId;
  /** Of the temporary file. */
  readonly path: string;
  readonly createdAtMs: number;
  readonly disk: Disk;
  readonly slabs: SlabLease;
  readonly space: SpaceReservation;
  readonly failpoints: Failpoints<NodeFailpoint>;
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Runs what writes to the disk, and says in the store's words why it failed. */
export async function writing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = diskErrorCode(error);
    if (code === undefined) throw error;
    if (FULL.has(code)) throw new ChunkError('NoSpace', "the node's disk is full", error);
    throw new ChunkError('DiskFailed', `the node's disk cannot be written (${code})`, error);
  }
}
