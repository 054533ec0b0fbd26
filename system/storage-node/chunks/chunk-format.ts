import { crc32c } from '@node-rs/crc32';
import { KiB } from '../../common/bytes.ts';
import { ChunkError } from './chunk-error.ts';
import { CHUNK_ID_CHARACTERS_MAX, type ChunkId } from './chunk-id.ts';
import { PAGE_BYTES, roundUpToPage } from './disk.ts';

/**
 * The chunk file, version 1. Integers are little-endian, CRCs are CRC-32C, every byte is covered by one CRC.
 *
 * header, one page at offset 0
 *      0   8  magic "SXTCHUNK"
 *      8   4  version, 1
 *     12   4  flags; none is defined yet, a reader refuses the ones it does not know
 *     16   4  bytes of a block, 262144
 *     20   4  length of the chunk id
 *     24   8  created, milliseconds since the Unix epoch
 *     32 200  chunk id in ASCII, then zeros up to
 *   4092   4  CRC of the 4092 bytes before
 * blocks, from offset 4096: block i lies at 4096 + i * 262144; only the last is shorter, and is followed by zeros up
 * to a multiple of 4096. Its CRC covers those zeros too.
 * footer, from the next multiple of 4096 to the end of the file, a whole number of pages
 *      0  4n  CRC of each of the n blocks, then zeros up to the trailer, which is the last 128 bytes of the file
 *   -128   8  magic "SXTFOOTR"
 *   -120   4  version, 1
 *   -116   4  number of blocks, n
 *   -112   8  size of the chunk in bytes
 *   -104   8  offset of the footer in the file
 *    -96   4  CRC of the header, so that header and footer are of one file
 *    -92  32  SHA-256 of the chunk, then zeros up to
 *     -4   4  CRC of the footer up to here
 */
export const BLOCK_BYTES = 256 * KiB;
export const HEADER_BYTES = PAGE_BYTES;
const TRAILER_BYTES = 128;

const HEADER_MAGIC = 'SXTCHUNK';
const FOOTER_MAGIC = 'SXTFOOTR';
const VERSION = 1;
const KNOWN_FLAGS = 0;
const CRC_BYTES = 4;
const SHA256_BYTES = 32;

/** Bounds what a reader must hold: the footer of the largest chunk is 256 KiB. */
export const CHUNK_BYTES_MAX = ((256 * KiB - TRAILER_BYTES) / CRC_BYTES) * BLOCK_BYTES;

export interface ChunkHeader {
  readonly chunkId: ChunkId;
  readonly createdAtMs: number;
}

export interface ChunkFooter {
  readonly sizeBytes: number;
  /** 32 bytes. */
  readonly sha256: Buffer;
  /** One for each block. */
  readonly blockCrcs: Uint32Array;
  readonly headerCrc: number;
}

export function blockCount(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES);
}

export function blockOffset(index: number): number {
  return HEADER_BYTES + index * BLOCK_BYTES;
}

function footerOffset(sizeBytes: number): number {
  return HEADER_BYTES + roundUpToPage(sizeBytes);
}

export function footerBytes(sizeBytes: number): number {
  return roundUpToPage(blockCount(sizeBytes) * CRC_BYTES + TRAILER_BYTES);
}

/** What a chunk of `sizeBytes` takes on the disk. */
export function chunkFileBytes(sizeBytes: number): number {
  return footerOffset(sizeBytes) + footerBytes(sizeBytes);
}

/** One page; the last four bytes are its CRC. */
export function encodeHeader({ chunkId, createdAtMs }: ChunkHeader): Buffer {
  const page = Buffer.alloc(HEADER_BYTES);
  page.write(HEADER_MAGIC, 0, 'latin1');
  page.writeUInt32LE(VERSION, 8);
  page.writeUInt32LE(KNOWN_FLAGS, 12);
  page.writeUInt32LE(BLOCK_BYTES, 16);
  page.writeUInt32LE(chunkId.length, 20);
  page.writeBigUInt64LE(BigInt(createdAtMs), 24);
  page.write(chunkId, 32, 'latin1');
  seal(page);
  return page;
}

/** Throws ChunkError ChunkDamaged or UnknownFormat. Resolves with the header's CRC, to be found again in the footer. */
export function verifyHeader(page: Buffer, chunkId: ChunkId): { headerCrc: number; createdAtMs: number } {
  const headerCrc = verifySeal(page, 'header');
  mustBe(page.toString('latin1', 0, 8) === HEADER_MAGIC, 'its header has another magic');
  mustBeKnown(page.readUInt32LE(8), page.readUInt32LE(12));
  mustBe(page.readUInt32LE(16) === BLOCK_BYTES, 'its header has another block size');
  const idBytes = page.readUInt32LE(20);
  mustBe(idBytes <= CHUNK_ID_CHARACTERS_MAX, 'its header has an impossible id');
  mustBe(page.toString('latin1', 32, 32 + idBytes) === chunkId, 'it holds another chunk');
  return { headerCrc, createdAtMs: Number(page.readBigUInt64LE(24)) };
}

/** A whole number of pages; the last four bytes are their CRC. */
export function encodeFooter({ sizeBytes, sha256, blockCrcs, headerCrc }: ChunkFooter): Buffer {
  const footer = Buffer.alloc(footerBytes(sizeBytes));
  blockCrcs.forEach((crc, index) => {
    footer.writeUInt32LE(crc, index * CRC_BYTES);
  });
  const trailer = footer.subarray(footer.length - TRAILER_BYTES);
  trailer.write(FOOTER_MAGIC, 0, 'latin1');
  trailer.writeUInt32LE(VERSION, 8);
  trailer.writeUInt32LE(blockCrcs.length, 12);
  trailer.writeBigUInt64LE(BigInt(sizeBytes), 16);
  trailer.writeBigUInt64LE(BigInt(footerOffset(sizeBytes)), 24);
  trailer.writeUInt32LE(headerCrc, 32);
  sha256.copy(trailer, 36);
  seal(footer);
  return footer;
}

/**
 * Reads the size out of the last page of a file of `fileBytes`, to know where the footer begins. It is not verified
 * beyond agreeing with the file's length: decodeFooter does that. Throws ChunkError ChunkDamaged.
 */
export function peekChunkBytes(lastPage: Buffer, fileBytes: number): number {
  const trailer = lastPage.subarray(lastPage.length - TRAILER_BYTES);
  mustBe(trailer.toString('latin1', 0, 8) === FOOTER_MAGIC, 'its footer has another magic');
  const sizeBytes = Number(trailer.readBigUInt64LE(16));
  mustBe(sizeBytes <= CHUNK_BYTES_MAX && chunkFileBytes(sizeBytes) === fileBytes, 'its length is wrong');
  return sizeBytes;
}

/** Throws ChunkError ChunkDamaged or UnknownFormat. `footer` is the end of a file of `fileBytes`. */
export function decodeFooter(footer: Buffer, fileBytes: number): ChunkFooter {
  verifySeal(footer, 'footer');
  const sizeBytes = peekChunkBytes(footer, fileBytes);
  const trailer = footer.subarray(footer.length - TRAILER_BYTES);
  mustBeKnown(trailer.readUInt32LE(8), KNOWN_FLAGS);
  const blocks = trailer.readUInt32LE(12);
  mustBe(blocks === blockCount(sizeBytes), 'its footer has another number of blocks');
  mustBe(Number(trailer.readBigUInt64LE(24)) === footerOffset(sizeBytes), 'its footer lies elsewhere');
  return {
    sizeBytes,
    sha256: Buffer.from(trailer.subarray(36, 36 + SHA256_BYTES)),
    blockCrcs: Uint32Array.from({ length: blocks }, (_, index) => footer.readUInt32LE(index * CRC_BYTES)),
    headerCrc: trailer.readUInt32LE(32),
  };
}

function seal(bytes: Buffer): void {
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, -CRC_BYTES)), bytes.length - CRC_BYTES);
}

function verifySeal(bytes: Buffer, part: string): number {
  const crc = bytes.readUInt32LE(bytes.length - CRC_BYTES);
  mustBe(crc === crc32c(bytes.subarray(0, -CRC_BYTES)), `its ${part} does not match its CRC`);
  return crc;
}

function mustBe(condition: boolean, what: string): asserts condition {
  if (!condition) throw new ChunkError('ChunkDamaged', `the chunk is damaged on this node's disk: ${what}`);
}

function mustBeKnown(version: number, flags: number): void {
  if (version === VERSION && (flags & ~KNOWN_FLAGS) === 0) return;
  throw new ChunkError(
    'UnknownFormat',
    `the chunk file has version ${version} and flags ${flags}; this node reads version ${VERSION} without flags`,
  );
}
