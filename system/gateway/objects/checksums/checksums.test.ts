import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type ChecksumAlgorithm,
  type CrcAlgorithm,
  checksumAlgorithms,
  checksumBytes,
  defaultChecksumAlgorithm,
  isChecksumValue,
  isCrc,
  multipartChecksumType,
  parseChecksumAlgorithm,
} from './checksum-algorithms.ts';
import { crc64Nvme } from './crc64-nvme.ts';
import { combineChecksums, compositeChecksum } from './multipart-checksum.ts';
import { createChecksum } from './running-checksum.ts';

function checksumOf(algorithm: ChecksumAlgorithm, ...pieces: readonly Uint8Array[]): string {
  const checksum = createChecksum(algorithm);
  for (const piece of pieces) checksum.update(Buffer.from(piece));
  return checksum.digest();
}

const hex = (base64: string) => Buffer.from(base64, 'base64').toString('hex');
const crcAlgorithm = fc.constantFrom<CrcAlgorithm>('CRC32', 'CRC32C', 'CRC64NVME');
// Around the 16 bytes of a turn, and around the 96 KiB of a block.
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 70 }),
  fc.nat(40).map((more) => new Uint8Array(96 * 1024 - 20 + more).map((_, at) => at * 7 + (at >> 8))),
);

/** From the definition alone: bit by bit. */
function crc64BitByBit(data: Uint8Array): bigint {
  let crc = 0xffff_ffff_ffff_ffffn;
  for (const byte of data) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x9a6c9329ac4bc9b5n : crc >> 1n;
  }
  return crc ^ 0xffff_ffff_ffff_ffffn;
}

test('the digits 1 to 9 have the checksums that the standards print', () => {
  // CRC-32 of ISO 3309, CRC-32C of RFC 3720, CRC-64/NVME of the catalogue of parametrised CRCs, SHA of FIPS 180.
  const expected: Record<ChecksumAlgorithm, string> = {
    CRC32: 'cbf43926',
    CRC32C: 'e3069283',
    CRC64NVME: 'ae8b14860a799888',
    SHA1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
    SHA256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
  };
  for (const algorithm of checksumAlgorithms) {
    assert.equal(hex(checksumOf(algorithm, Buffer.from('1234'), Buffer.from('56789'))), expected[algorithm]);
  }
});

test('the examples of the NVMe specification have the CRC-64 that it prints', () => {
  const ascending = Buffer.from(Array.from({ length: 4096 }, (_, at) => at % 256));
  const examples: [data: Buffer, crc: bigint][] = [
    [Buffer.alloc(4096), 0x6482d367eb22b64en],
    [Buffer.alloc(4096, 0xff), 0xc0ddba7302eca3acn],
    [ascending, 0x3e729f5f6750449cn],
    [Buffer.from(ascending).reverse(), 0x9a2df64b8e9e517en],
  ];
  for (const [data, crc] of examples) assert.equal(crc64Nvme(data), crc);
});

test('the fast CRC-64 agrees with its definition, in one piece and in two', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (data, cut) => {
      const expected = crc64BitByBit(data);
      assert.equal(crc64Nvme(data), expected);
      assert.equal(crc64Nvme(data.subarray(cut), crc64Nvme(data.subarray(0, cut))), expected);
    }),
  );
});

test('the CRC of a whole is combined out of those of its parts, whatever their sizes', () => {
  fc.assert(
    fc.property(crcAlgorithm, fc.array(bytes, { maxLength: 5 }), (algorithm, parts) => {
      const checksums = parts.map((part) => ({ value: checksumOf(algorithm, part), bytes: part.length }));
      assert.equal(combineChecksums(algorithm, checksums), checksumOf(algorithm, ...parts));
    }),
  );
});

test('parts that are larger than what 32 bits can count are combined without their bytes', () => {
  // 12 pieces, each of less than 2^32 bits, one behind the other; and behind the first one, the others as one part.
  const bytes = 400_000_001;
  for (const algorithm of checksumAlgorithms.filter(isCrc)) {
    const pieces = Array.from('abcdefghijkl', (text) => ({ value: checksumOf(algorithm, Buffer.from(text)), bytes }));
    const [first = { value: '', bytes }, ...others] = pieces;
    const large = { value: combineChecksums(algorithm, others), bytes: others.length * bytes };
    assert.equal(combineChecksums(algorithm, [first, large]), combineChecksums(algorithm, pieces));
  }
});

test('a composite checksum is that of the digests of the parts, with their number', () => {
  const parts = ['one', 'two', 'three'].map((text) => Buffer.from(text));
  const digests = parts.map((part) => createHash('sha256').update(part).digest());
  const expected = createHash('sha256').update(Buffer.concat(digests)).digest('base64');
  assert.equal(
    compositeChecksum(
      'SHA256',
      digests.map((digest) => digest.toString('base64')),
    ),
    `${expected}-3`,
  );
  const crcs = parts.map((part) => checksumOf('CRC32', part));
  const whole = checksumOf('CRC32', ...crcs.map((crc) => Buffer.from(crc, 'base64')));
  assert.equal(compositeChecksum('CRC32', crcs), `${whole}-3`);
});

test('each algorithm has the types of S3, and the default when none is asked for', () => {
  const types = (algorithm: ChecksumAlgorithm) =>
    [undefined, 'COMPOSITE' as const, 'FULL_OBJECT' as const].map((asked) => multipartChecksumType(algorithm, asked));
  for (const algorithm of ['CRC32', 'CRC32C'] as const) {
    assert.deepEqual(types(algorithm), ['COMPOSITE', 'COMPOSITE', 'FULL_OBJECT']);
  }
  assert.equal(defaultChecksumAlgorithm, 'CRC64NVME');
  assert.deepEqual(types('CRC64NVME'), ['FULL_OBJECT', undefined, 'FULL_OBJECT']);
  for (const algorithm of ['SHA1', 'SHA256'] as const) {
    assert.deepEqual(types(algorithm), ['COMPOSITE', 'COMPOSITE', undefined]);
  }
});

test('names are known in any case, and values by their length', () => {
  assert.equal(parseChecksumAlgorithm('crc64nvme'), 'CRC64NVME');
  assert.equal(parseChecksumAlgorithm('Sha256'), 'SHA256');
  assert.equal(parseChecksumAlgorithm('md5'), undefined);
  for (const algorithm of checksumAlgorithms) {
    const value = Buffer.alloc(checksumBytes[algorithm], 0xfb).toString('base64');
    assert.ok(isChecksumValue(algorithm, value));
    for (const wrong of ['', `${value}AAAA`, value.slice(0, -4), ` ${value}`, value.replace('+', '-')]) {
      assert.ok(!isChecksumValue(algorithm, wrong), wrong);
    }
  }
});
