import { assert } from '../../../common/assert.ts';
import type { ChecksumAlgorithm, CrcAlgorithm } from './checksum-algorithms.ts';
import { checksumBytes } from './checksum-algorithms.ts';
import { CrcCombiner } from './crc-combiner.ts';
import { createChecksum, encodeCrc } from './running-checksum.ts';

/** A part of an object, with its own checksum in base64. */
export interface PartChecksum {
  readonly value: string;
  readonly bytes: number;
}

/** The COMPOSITE checksum: of the parts' checksums, one behind the other, with the number of parts. */
export function compositeChecksum(algorithm: ChecksumAlgorithm, values: readonly string[]): string {
  const checksum = createChecksum(algorithm);
  for (const value of values) checksum.update(decode(algorithm, value));
  return `${checksum.digest()}-${values.length}`;
}

/** The FULL_OBJECT checksum of parts in a row, without their bytes. */
export function combineChecksums(algorithm: CrcAlgorithm, parts: readonly PartChecksum[]): string {
  const combiner = new CrcCombiner(algorithm);
  const crc = parts.reduce(
    (before, { value, bytes }) =>
      combiner.combine(before, BigInt(`0x${decode(algorithm, value).toString('hex')}`), bytes),
    0n,
  );
  return encodeCrc(crc, checksumBytes[algorithm]);
}

function decode(algorithm: ChecksumAlgorithm, value: string): Buffer {
  const bytes = Buffer.from(value, 'base64');
  const expected = checksumBytes[algorithm];
  assert(bytes.length === expected, `a ${algorithm} of a part has ${bytes.length} bytes, expected ${expected}`);
  return bytes;
}
