import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The checksums of S3, each from its definition and not from a library that the store may use too: what judges a checksum
 * must not share its faults. Slow, and meant for kilobytes.
 */
export const checksumAlgorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

/** In base64, as headers carry it. */
export function checksumOf(algorithm: ChecksumAlgorithm, data: Uint8Array): string {
  return rawChecksum(algorithm, data).toString('base64');
}

/** Of an object of several parts: the checksum of their checksums, with their number. */
export function compositeChecksumOf(algorithm: ChecksumAlgorithm, parts: readonly Uint8Array[]): string {
  const together = Buffer.concat(parts.map((part) => rawChecksum(algorithm, part)));
  return `${checksumOf(algorithm, together)}-${parts.length}`;
}

function rawChecksum(algorithm: ChecksumAlgorithm, data: Uint8Array): Buffer {
  const result = Buffer.alloc(8);
  switch (algorithm) {
    case 'SHA1':
    case 'SHA256':
      return createHash(algorithm.toLowerCase()).update(data).digest();
    case 'CRC32':
      result.writeUInt32BE(crc32(data));
      return result.subarray(0, 4);
    case 'CRC32C':
      result.writeUInt32BE(Number(reflectedCrc(crc32cTable, 32n, data)));
      return result.subarray(0, 4);
    case 'CRC64NVME':
      result.writeBigUInt64BE(reflectedCrc(crc64Table, 64n, data));
      return result;
  }
}

/** Polynomials with their bits reversed: Castagnoli's, and that of the NVM Express specification. */
const crc32cTable = tableOf(0x82f63b78n);
const crc64Table = tableOf(0x9a6c9329ac4bc9b5n);

function tableOf(polynomial: bigint): bigint[] {
  return Array.from({ length: 256 }, (_, byte) => {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    return value;
  });
}

function reflectedCrc(table: readonly bigint[], bits: bigint, data: Uint8Array): bigint {
  const ones = (1n << bits) - 1n;
  let crc = ones;
  for (const byte of data) crc = (table[Number((crc ^ BigInt(byte)) & 0xffn)] as bigint) ^ (crc >> 8n);
  return crc ^ ones;
}
