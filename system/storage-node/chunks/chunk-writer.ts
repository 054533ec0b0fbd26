import { createHash } from 'node:crypto';
import { crc32c } from '@node-rs/crc32';
import type { Failpoints } from '../../common/failpoint.ts';
import type { NodeFailpoint } from '../failpoints.ts';
import { AlignedAppender } from './aligned-appender.ts';
import { BLOCK_BYTES, type ChunkHeader, encodeFooter, encodeHeader } from './chunk-format.ts';
import type { DiskFile } from './disk.ts';
import type { SlabLease } from './slab-pool.ts';

/** What has been written, once it is complete. */
export interface WrittenChunk {
  readonly sizeBytes: number;
  /** 32 bytes. */
  readonly sha256: Buffer;
}

/** Writes one chunk file: header, blocks, footer. It closes nothing: the file belongs to the caller. */
export class ChunkWriter implements AsyncDisposable {
  readonly #file: DiskFile;
  readonly #appender: AlignedAppender;
  readonly #sha256 = createHash('sha256');
  readonly #blockCrcs: number[] = [];
  readonly #header: Buffer;
  readonly #failpoints: Failpoints<NodeFailpoint>;
  #blockCrc = 0;
  #blockFilledBytes = 0;
  #sizeBytes = 0;

  constructor(file: DiskFile, slabs: SlabLease, header: ChunkHeader, failpoints: Failpoints<NodeFailpoint>) {
    this.#failpoints = failpoints;
    this.#file = file;
    this.#appender = new AlignedAppender(file, slabs);
    this.#header = encodeHeader(header);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Resolves when `data` has been copied and may be used again; undefined when it already has. */
  append(data: Uint8Array): Promise<void> | undefined {
    this.#sha256.update(data);
    this.#addToBlockCrcs(data);
    this.#sizeBytes += data.length;
    if (this.#appender.position > 0) return this.#appender.append(data);
    return this.#appendFirst(data);
  }

  /** Adds the footer and flushes the file to the disk. */
  async finish(): Promise<WrittenChunk> {
    if (this.#appender.position === 0) await this.#appendFirst(Buffer.alloc(0));
    if (this.#blockFilledBytes > 0) this.#closePaddedBlock();
    await this.#appender.padToPage();
    const sha256 = this.#sha256.digest();
    const blockCrcs = Uint32Array.from(this.#blockCrcs);
    const headerCrc = this.#header.readUInt32LE(this.#header.length - 4);
    await this.#appender.append(encodeFooter({ sizeBytes: this.#sizeBytes, sha256, blockCrcs, headerCrc }));
    await this.#appender.finish();
    await this.#failpoints.reach('put.before-flush');
    await this.#file.sync();
    return { sizeBytes: this.#sizeBytes, sha256 };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#appender[Symbol.asyncDispose]();
  }

  async #appendFirst(data: Uint8Array): Promise<void> {
    await this.#appender.append(this.#header);
    await this.#appender.append(data);
  }

  #addToBlockCrcs(data: Uint8Array): void {
    let taken = 0;
    while (taken < data.length) {
      const part = data.subarray(taken, taken + BLOCK_BYTES - this.#blockFilledBytes);
      this.#blockCrc = crc32c(part, this.#blockCrc);
      this.#blockFilledBytes += part.length;
      taken += part.length;
      if (this.#blockFilledBytes === BLOCK_BYTES) this.#closeBlock();
    }
  }

  #closeBlock(): void {
    this.#blockCrcs.push(this.#blockCrc);
    this.#blockCrc = 0;
    this.#blockFilledBytes = 0;
  }

  /** The zeros behind the last block are covered too, so that no byte of the file goes unchecked. */
  #closePaddedBlock(): void {
    this.#blockCrc = crc32c(zerosToPage(this.#blockFilledBytes), this.#blockCrc);
    this.#closeBlock();
  }
}

const ZERO_PAGE = Buffer.alloc(4096);

function zerosToPage(bytes: number): Buffer {
  return ZERO_PAGE.subarray(0, -bytes & (ZERO_PAGE.length - 1));
}
