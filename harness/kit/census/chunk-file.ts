import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32c } from '@node-rs/crc32';

/**
 * Judges a chunk file from its bytes alone, by the description of the format that docs/decisions/0040-chunk-file.md
 * points at. It shares no code with the node, so that a fault in how the node reads its files cannot hide damage here.
 */
export type Inspection = GoodChunkFile | DamagedChunkFile;

export interface GoodChunkFile {
  readonly state: 'good';
  readonly sizeBytes: number;
  /** Of the chunk's bytes, in lower-case hexadecimal; computed, and found again in the footer. */
  readonly sha256: string;
}

export interface DamagedChunkFile {
  readonly state: 'damaged';
  readonly region: Region;
  readonly what: string;
}

export type Region = 'header' | 'block' | 'footer';

export const pageBytes = 4096;
const blockBytes = 256 * 1024;
const trailerBytes = 128;
/** What one inspection holds at a time, beside a footer of at most 256 KiB. */
const readBytes = 4 * blockBytes;

/** Reads the whole file once, a megabyte at a time. Throws only when it cannot be read at all. */
export async function inspectChunkFile(path: string, chunkId: string): Promise<Inspection> {
  await using file = await open(path, 'r');
  try {
    const { size: fileBytes } = await file.stat();
    const headerCrc = checkHeader(await readExactly(file, 0, pageBytes, 'header'), chunkId);
    const footer = await readFooter(file, fileBytes, headerCrc);
    await checkBlocks(file, footer);
    return { state: 'good', sizeBytes: footer.sizeBytes, sha256: footer.sha256 };
  } catch (error) {
    if (error instanceof Damage) return { state: 'damaged', region: error.region, what: error.message };
    throw error;
  }
}

/** Where the regions of a good file of `fileBytes` lie: from, and behind the last byte. */
export function regionsOf(fileBytes: number, lastPage: Buffer): Record<Region, readonly [number, number]> {
  const footerAt = Number(lastPage.readBigUInt64LE(lastPage.length - trailerBytes + 24));
  return { header: [0, pageBytes], block: [pageBytes, footerAt], footer: [footerAt, fileBytes] };
}

interface Footer {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly blockCrcs: readonly number[];
}

class Damage extends Error {
  readonly region: Region;

  constructor(region: Region, what: string) {
    super(what);
    this.region = region;
  }
}

/** Gives back the header's CRC. */
function checkHeader(page: Buffer, chunkId: string): number {
  const crc = sealOf(page, 'header');
  const idBytes = page.readUInt32LE(20);
  expect('header', page.toString('latin1', 0, 8) === 'SXTCHUNK', 'another magic');
  expect('header', page.readUInt32LE(8) === 1 && page.readUInt32LE(12) === 0, 'an unknown version or unknown flags');
  expect('header', page.readUInt32LE(16) === blockBytes, `blocks of ${page.readUInt32LE(16)} bytes`);
  const id = page.toString('latin1', 32, 32 + Math.min(idBytes, 200));
  expect('header', id === chunkId, `the id of another chunk, ${id}`);
  return crc;
}

async function readFooter(file: FileHandle, fileBytes: number, headerCrc: number): Promise<Footer> {
  expect('footer', fileBytes % pageBytes === 0 && fileBytes >= 2 * pageBytes, `a file of ${fileBytes} bytes`);
  const lastPage = await readExactly(file, fileBytes - pageBytes, pageBytes, 'footer');
  const trailer = lastPage.subarray(-trailerBytes);
  expect('footer', trailer.toString('latin1', 0, 8) === 'SXTFOOTR', 'another magic');
  const blocks = trailer.readUInt32LE(12);
  const sizeBytes = Number(trailer.readBigUInt64LE(16));
  const footerAt = Number(trailer.readBigUInt64LE(24));
  expect('footer', trailer.readUInt32LE(8) === 1, 'an unknown version');
  expect('footer', blocks === Math.ceil(sizeBytes / blockBytes), `${blocks} blocks for ${sizeBytes} bytes`);
  expect('footer', footerAt === pageBytes + toPage(sizeBytes), `it begins at ${footerAt}`);
  expect('footer', fileBytes === footerAt + toPage(4 * blocks + trailerBytes), `a file of ${fileBytes} bytes`);
  expect('footer', trailer.readUInt32LE(32) === headerCrc, 'it belongs to another header');

  const footer = await readExactly(file, footerAt, fileBytes - footerAt, 'footer');
  sealOf(footer, 'footer');
  return {
    sizeBytes,
    sha256: trailer.toString('hex', 36, 68),
    blockCrcs: Array.from({ length: blocks }, (_, index) => footer.readUInt32LE(4 * index)),
  };
}

async function checkBlocks(file: FileHandle, { sizeBytes, sha256, blockCrcs }: Footer): Promise<void> {
  const hash = createHash('sha256');
  for (let at = 0; at < sizeBytes; at += readBytes) {
    const padded = await readExactly(file, pageBytes + at, Math.min(readBytes, toPage(sizeBytes) - at), 'block');
    for (let from = 0; from < padded.length; from += blockBytes) {
      const index = (at + from) / blockBytes;
      const isRight = crc32c(padded.subarray(from, from + blockBytes)) === blockCrcs[index];
      expect('block', isRight, `block ${index} of ${blockCrcs.length} does not match its CRC`);
    }
    const content = padded.subarray(0, Math.min(padded.length, sizeBytes - at));
    expect(
      'block',
      padded.subarray(content.length).every((byte) => byte === 0),
      'the padding is not zero',
    );
    hash.update(content);
  }
  expect('block', hash.digest('hex') === sha256, 'the bytes have another SHA-256');
}

/** The last four bytes, after comparing them with the CRC of all before. */
function sealOf(bytes: Buffer, region: Region): number {
  const crc = bytes.readUInt32LE(bytes.length - 4);
  expect(region, crc === crc32c(bytes.subarray(0, -4)), 'it does not match its CRC');
  return crc;
}

async function readExactly(file: FileHandle, at: number, lengthBytes: number, region: Region): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(lengthBytes);
  const { bytesRead } = await file.read(buffer, 0, lengthBytes, at);
  expect(region, bytesRead === lengthBytes, `the file ends at byte ${at + bytesRead}`);
  return buffer;
}

function toPage(bytes: number): number {
  return Math.ceil(bytes / pageBytes) * pageBytes;
}

function expect(region: Region, condition: boolean, what: string): asserts condition {
  if (!condition) throw new Damage(region, `${region}: ${what}`);
}
