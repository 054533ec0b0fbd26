import { createHash } from 'node:crypto';
import { crc32, crc32c } from '@node-rs/crc32';
import { unreachable } from '../../../common/assert.ts';
import type { ChecksumAlgorithm } from './checksum-algorithms.ts';
import { crc64Nvme } from './crc64-nvme.ts';

/** A checksum of bytes that come piece by piece. */
export interface RunningChecksum {
  update(data: Buffer): void;
  /** In base64, as S3 writes it. To be called once, at the end. */
  digest(): string;
}

export function createChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  switch (algorithm) {
    case 'CRC32':
      return runningCrc32(crc32);
    case 'CRC32C':
      return runningCrc32(crc32c);
    case 'CRC64NVME':
      return runningCrc64();
    case 'SHA1':
      return runningHash('sha1');
    case 'SHA256':
      return runningHash('sha256');
    default:
      return unreachable(algorithm, 'the checksum algorithm');
  }
}

/** How S3 writes a CRC: the highest byte first, in base64. */
export function encodeCrc(crc: bigint, bytes: number): string {
  return Buffer.from(crc.toString(16).padStart(bytes * 2, '0'), 'hex').toString('base64');
}

function runningCrc32(next: (data: Buffer, previous: number) => number): RunningChecksum {
  let crc = 0;
  return {
    update: (data) => {
      crc = next(data, crc);
    },
    digest: () => encodeCrc(BigInt(crc), 4),
  };
}

function runningCrc64(): RunningChecksum {
  let crc = 0n;
  return {
    update: (data) => {
      crc = crc64Nvme(data, crc);
    },
    digest: () => encodeCrc(crc, 8),
  };
}

function runningHash(name: 'sha1' | 'sha256'): RunningChecksum {
  const hash = createHash(name);
  return { update: (data) => void hash.update(data), digest: () => hash.digest('base64') };
}
