import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';

const pageBytes = 4096;
const blockBytes = 256 * 1024;

/** The bytes of a chunk file, written down by hand. */
export function chunkFileBytes(chunkId: string, content: Buffer): Buffer {
  const header = Buffer.alloc(pageBytes);
  header.write('SXTCHUNK');
  header.writeUInt32LE(1, 8);
  header.writeUInt32LE(blockBytes, 16);
  header.writeUInt32LE(chunkId.length, 20);
  header.writeBigUInt64LE(1_700_000_000_000n, 24);
  header.write(chunkId, 32);
  seal(header);

  const padded = Buffer.alloc(Math.ceil(content.length / pageBytes) * pageBytes);
  content.copy(padded);
  const blocks = Math.ceil(content.length / blockBytes);
  const footer = Buffer.alloc(Math.ceil((4 * blocks + 128) / pageBytes) * pageBytes);
  for (let n = 0; n < blocks; n++) {
    footer.writeUInt32LE(crc32c(padded.subarray(n * blockBytes, (n + 1) * blockBytes)), 4 * n);
  }
  const trailer = footer.subarray(-128);
  trailer.write('SXTFOOTR');
  trailer.writeUInt32LE(1, 8);
  trailer.writeUInt32LE(blocks, 12);
  trailer.writeBigUInt64LE(BigInt(content.length), 16);
  trailer.writeBigUInt64LE(BigInt(pageBytes + padded.length), 24);
  trailer.writeUInt32LE(header.readUInt32LE(pageBytes - 4), 32);
  createHash('sha256').update(content).digest().copy(trailer, 36);
  seal(footer);
  return Buffer.concat([header, padded, footer]);
}

/** Puts the last four bytes right, for damage that a CRC alone would not tell. */
export function seal(bytes: Buffer): void {
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, -4)), bytes.length - 4);
}

/** The data folder of a node that holds these chunks, by id. */
export async function nodeFolder(
  chunks: Readonly<Record<string, Buffer>>,
): Promise<{ dataDir: string; path: (chunkId: string) => string } & AsyncDisposable> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sextant-node-folder-'));
  await mkdir(join(dataDir, 'chunks', '7a'), { recursive: true });
  await mkdir(join(dataDir, 'tmp'));
  const path = (chunkId: string) => join(dataDir, 'chunks', '7a', chunkId);
  for (const [chunkId, bytes] of Object.entries(chunks)) await writeFile(path(chunkId), bytes);
  return { dataDir, path, [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true, force: true }) };
}
