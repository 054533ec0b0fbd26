import type { ByteRange } from './byte-range.ts';
import { deleteReplicas } from './chunk-deletions.ts';
import { StoreError } from './errors.ts';
import type { FilePage, FileRecord, FileSummary, UploadStatus } from './ports.ts';
import { type OpenFile, openFile, readMessageBytes } from './read-file.ts';
import { Room } from './room.ts';
import { type WriteDeps, type WriteRequest, writeFile } from './write-file.ts';

/**
 * Reads at once. Each may hold 384 KiB while its client is slow: two messages of each chunk, and what its node may send ahead.
 */
const READS_MAX = 400;

/** The use cases over files. They know no protocol: REST and S3 are both rendered from here. */
export class Files {
  readonly #deps: WriteDeps;
  readonly #reads: Room;
  #readers = 0;

  constructor(deps: WriteDeps) {
    this.#deps = deps;
    this.#reads = new Room(READS_MAX, deps.clock);
  }

  get readers(): number {
    return this.#readers;
  }

  write(request: WriteRequest, body: AsyncIterable<Buffer>, signal: AbortSignal): Promise<FileSummary> {
    return writeFile(this.#deps, request, body, signal);
  }

  /** A file in any state. Throws FileNotFound. */
  async describe(fileId: string): Promise<FileRecord> {
    const file = await this.#deps.metadata.file(fileId);
    if (file === undefined) throw fileNotFound();
    return file;
  }

  /** A completed file. Throws FileNotFound. */
  async completed(fileId: string): Promise<FileRecord> {
    const file = await this.describe(fileId);
    if (file.uploadStatus !== 'completed') throw fileNotFound();
    return file;
  }

  /**
   * The bytes of a range of a completed file. Resolves when the first of them are there; FileNotFound when the
   * file was deleted since it was described, Overloaded when too many read for half a minute.
   */
  async read(file: FileRecord, range: ByteRange, signal: AbortSignal): Promise<OpenFile> {
    try {
      return await this.oneOfMany(signal, () => this.readContent(file, range, signal));
    } catch (error) {
      if (error instanceof StoreError && error.code === 'DataUnavailable') await this.completed(file.fileId);
      throw error;
    }
  }

  /** A read that `open` begins when there is room for one more, and that has its place until it is disposed. Throws Overloaded. */
  async oneOfMany(signal: AbortSignal, open: () => Promise<OpenFile>): Promise<OpenFile> {
    using places = new DisposableStack();
    const place = places.use(await this.#reads.take(1, signal));
    const read = await open();
    places.move();
    return {
      bytes: () => read.bytes(),
      [Symbol.dispose]: () => {
        read[Symbol.dispose]();
        place[Symbol.dispose]();
      },
    };
  }

  /** As read, for the content of objects: whether a file of theirs is still wanted only their versions know. */
  async readContent(file: FileRecord, range: ByteRange, signal: AbortSignal): Promise<OpenFile> {
    this.#readers++;
    try {
      const open = await openFile(this.#deps, file, range, readMessageBytes(this.#readers), signal);
      return { bytes: () => open.bytes(), [Symbol.dispose]: () => this.#close(open) };
    } catch (error) {
      this.#readers--;
      throw error;
    }
  }

  list(page: number, perPage: number, status: UploadStatus | undefined): Promise<FilePage> {
    return this.#deps.metadata.listFiles(page, perPage, status);
  }

  /** Removes a completed file. Its chunks are deleted at once where the nodes answer, and by cleanup elsewhere. */
  async delete(fileId: string): Promise<void> {
    await this.#deps.failpoints.reach('delete.before-rows');
    const replicas = await this.#deps.metadata.deleteFile(fileId);
    if (replicas === undefined) throw fileNotFound();
    try {
      await this.#deps.failpoints.reach('delete.after-rows');
      await deleteReplicas(this.#deps, replicas);
    } catch (error) {
      // The file is gone whatever happens to its chunks: they are queued.
      this.#deps.log.warn({ err: error, fileId }, 'the chunks of a deleted file are left to cleanup');
    }
  }

  #close(open: OpenFile): void {
    this.#readers--;
    open[Symbol.dispose]();
  }
}

function fileNotFound(): StoreError {
  return new StoreError('FileNotFound', 'there is no such file');
}
