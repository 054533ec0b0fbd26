import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../../common/clock.ts';
import type { Failpoints } from '../../common/failpoint.ts';
import type { Logger } from '../../common/log.ts';
import type { Random } from '../../common/random.ts';
import type { NodeFailpoint } from '../failpoints.ts';
import { ChunkError } from './chunk-error.ts';
import { type ChunkId, shardOf } from './chunk-id.ts';
import { everyChunkFile, type ListedChunk, listChunks } from './chunk-listing.ts';
import { ChunkPut, writing } from './chunk-put.ts';
import { ChunkReader } from './chunk-reader.ts';
import type { WrittenChunk } from './chunk-writer.ts';
import type { DataDir } from './data-dir.ts';
import { type Disk, type DiskSpace, diskErrorCode } from './disk.ts';
import { KeyedLock } from './keyed-lock.ts';
import { readSpan } from './read-span.ts';
import type { SlabLease, SlabPool } from './slab-pool.ts';
import type { SpaceLedger } from './space-ledger.ts';

export interface ChunkStoreParts {
  readonly disk: Disk;
  readonly dir: DataDir;
  readonly writeSlabs: SlabPool;
  /** Of READ_SLAB_SIZES. */
  readonly readSlabs: SlabPool;
  readonly ledger: SpaceLedger;
  /** Whether large chunks go past the page cache. */
  readonly io: 'direct' | 'buffered';
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly failpoints: Failpoints<NodeFailpoint>;
}

export interface StoredChunk {
  readonly sizeBytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** The same bytes were there before. */
  readonly alreadyStored: boolean;
}

export interface StoreSpace extends DiskSpace {
  readonly chunkCount: number;
}

/** The chunks of one node, on its disk. All failures that a client can meet are ChunkErrors. */
export class ChunkStore {
  readonly #parts: ChunkStoreParts;
  /** What changes the file of a chunk does so alone; reading needs no lock, because files only appear and go whole. */
  readonly #changes = new KeyedLock();
  /** Set while the disk refuses to be written, to tell operators. */
  #isReadOnly = false;

  private constructor(parts: ChunkStoreParts) {
    this.#parts = parts;
  }

  /**
   * Counts what is stored, and makes it survive a power cut: a crash may have left a chunk between its rename and the flush of
   * its directory, and from now on it is read, verified and listed like any other. The data directory has been prepared,
   * locked and swept.
   */
  static async open(parts: ChunkStoreParts): Promise<ChunkStore> {
    const { disk, dir, ledger } = parts;
    const directories = new Set<string>();
    for await (const { directory, sizeBytes } of everyChunkFile(disk, dir.chunks)) {
      ledger.added(sizeBytes);
      directories.add(directory);
    }
    await Promise.all([...directories].map((directory) => disk.syncDirectory(directory)));
    return new ChunkStore(parts);
  }

  get isReadOnly(): boolean {
    return this.#isReadOnly;
  }

  /** Begins a chunk. Throws ChunkError TooBusy, NoSpace, DiskFailed. Dispose the result; then call commit, or not. */
  async startPut(id: ChunkId): Promise<ChunkPut> {
    const { disk, dir, writeSlabs, ledger, clock, random, io, failpoints } = this.#parts;
    const lease = writeSlabs.admit();
    if (!lease) throw new ChunkError('TooBusy', 'the node writes as many chunks as it has memory for');
    const path = join(dir.tmp, `${random.uuid()}.part`);
    const createdAtMs = clock.nowMs();
    const parts = { id, path, disk, slabs: lease, space: ledger.reserve(), createdAtMs, failpoints };
    return this.#noting(() => ChunkPut.create(parts, io));
  }

  /**
   * Completes a chunk. Resolves when it would survive a power cut. `check` throws when what was written is not what
   * the client meant. It leaves nothing behind when it throws, or when `signal` is aborted before the chunk has its place.
   *
   * The same bytes stored before: success, unless they turn out to be damaged, and then these replace them. Other bytes
   * stored before: ChunkError ChunkExists, and they stay.
   */
  async commit(put: ChunkPut, check: (written: WrittenChunk) => void, signal: AbortSignal): Promise<StoredChunk> {
    const written = await this.#noting(() => put.finish());
    check(written);
    return this.#changes.run(put.id, async () => {
      const replacedBytes = await this.#fileBytes(put.id);
      const existing = replacedBytes === undefined ? undefined : await this.#undamaged(put.id);
      const answer = { sizeBytes: written.sizeBytes, sha256: written.sha256.toString('hex') };
      if (existing && isSame(existing, written)) {
        // Its name may not have been flushed: a put that failed to could not always take it back.
        await this.#noting(() => this.#flushName(put.id));
        return { ...answer, alreadyStored: true };
      }
      if (existing) throw new ChunkError('ChunkExists', `other bytes are stored under ${put.id} on this node`);
      signal.throwIfAborted();
      await this.#noting(() => this.#place(put, replacedBytes));
      return { ...answer, alreadyStored: false };
    });
  }

  /** Memory for reading one chunk; the caller disposes it. Throws ChunkError TooBusy. */
  admitReader(): SlabLease {
    const lease = this.#parts.readSlabs.admit();
    if (!lease) throw new ChunkError('TooBusy', 'the node reads as many chunks as it has memory for');
    return lease;
  }

  /** The caller disposes the reader. Throws ChunkError ChunkNotFound, ChunkDamaged or UnknownFormat. */
  async read(id: ChunkId, lease: SlabLease): Promise<ChunkReader> {
    using slab = lease.takeFirst();
    return await ChunkReader.open(this.#parts.disk, this.#path(id), id, slab.buffer, this.#parts.io);
  }

  /**
   * Throws ChunkError ChunkNotFound. The directory is not flushed: ids are never used twice, so a chunk that comes back
   * after a power cut is an orphan, which the census of the gateways finds.
   */
  async delete(id: ChunkId): Promise<void> {
    await this.#changes.run(id, async () => {
      const fileBytes = await this.#fileBytes(id);
      if (fileBytes === undefined) throw new ChunkError('ChunkNotFound', `this node has no chunk ${id}`);
      await this.#parts.failpoints.reach('delete.before-unlink');
      await this.#noting(() => writing(() => this.#parts.disk.unlink(this.#path(id))));
      this.#parts.ledger.removed(fileBytes);
      await this.#parts.failpoints.reach('delete.after-unlink');
    });
  }

  /** Reads every byte of a chunk. Throws ChunkError ChunkDamaged, ChunkNotFound, UnknownFormat, TooBusy. */
  async verify(id: ChunkId, signal?: AbortSignal): Promise<WrittenChunk> {
    using lease = this.admitReader();
    await using reader = await this.read(id, lease);
    const sha256 = createHash('sha256');
    for await (const { memory, dataAt, bytes } of readSpan(reader, { from: 0, to: reader.sizeBytes }, lease)) {
      signal?.throwIfAborted();
      sha256.update(memory.subarray(dataAt, dataAt + bytes));
    }
    if (!sha256.digest().equals(reader.sha256)) {
      throw new ChunkError('ChunkDamaged', "the chunk is damaged on this node's disk: its SHA-256 is another");
    }
    return { sizeBytes: reader.sizeBytes, sha256: reader.sha256 };
  }

  /** In ascending bytewise order of the ids, those after `afterId`, at most `limit`. */
  list(afterId: string, limit: number): AsyncGenerator<ListedChunk> {
    return listChunks(this.#parts.disk, this.#parts.dir.chunks, afterId, limit);
  }

  /** Of the disk, or of the quota where that is narrower. */
  async space(): Promise<StoreSpace> {
    const { disk, dir, ledger } = this.#parts;
    const found = await disk.space(dir.root);
    const { chunkCount, quotaBytes, storedBytes, unfinishedBytes } = ledger;
    if (quotaBytes === undefined) return { ...found, chunkCount };
    const freeBytes = Math.max(0, quotaBytes - storedBytes - unfinishedBytes);
    return {
      totalBytes: Math.min(quotaBytes, found.totalBytes),
      usedBytes: storedBytes,
      availableBytes: Math.min(freeBytes, found.availableBytes),
      chunkCount,
    };
  }

  /** Renames, then flushes the directory. What cannot be flushed is taken back, so that nothing unacknowledged stays. */
  async #place(put: ChunkPut, replacedBytes: number | undefined): Promise<void> {
    const { disk, ledger, failpoints } = this.#parts;
    const path = this.#path(put.id);
    await put.moveTo(path);
    if (replacedBytes !== undefined) ledger.removed(replacedBytes);
    try {
      await writing(async () => failpoints.reach('put.after-rename'));
      await this.#flushName(put.id);
    } catch (error) {
      await disk.unlink(path).catch(() => ledger.added(put.fileBytes));
      throw error;
    }
    ledger.added(put.fileBytes);
    put.releaseSpace();
  }

  #flushName(id: ChunkId): Promise<void> {
    const { disk, dir } = this.#parts;
    return writing(() => disk.syncDirectory(join(dir.chunks, shardOf(id))));
  }

  /** What is stored under `id` if every byte of it can be read; undefined if it is damaged. */
  async #undamaged(id: ChunkId): Promise<WrittenChunk | undefined> {
    try {
      return await this.verify(id);
    } catch (error) {
      if (!(error instanceof ChunkError) || error.code !== 'ChunkDamaged') throw error;
      this.#parts.log.warn({ chunkId: id, reason: error.message }, 'a damaged chunk is replaced');
      return undefined;
    }
  }

  async #fileBytes(id: ChunkId): Promise<number | undefined> {
    try {
      return (await this.#parts.disk.stat(this.#path(id))).sizeBytes;
    } catch (error) {
      if (diskErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  #path(id: ChunkId): string {
    return join(this.#parts.dir.chunks, shardOf(id), id);
  }

  async #noting<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#isReadOnly = false;
      return result;
    } catch (error) {
      if (error instanceof ChunkError && diskErrorCode(error.cause) === 'EROFS') this.#isReadOnly = true;
      throw error;
    }
  }
}

function isSame(a: WrittenChunk, b: WrittenChunk): boolean {
  return a.sizeBytes === b.sizeBytes && a.sha256.equals(b.sha256);
}
