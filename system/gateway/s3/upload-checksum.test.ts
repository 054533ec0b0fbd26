import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uploadChecksum } from './upload-checksum.ts';

function asked(algorithm?: string, type?: string) {
  const headers = { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': type };
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return uploadChecksum(new Map(given));
}

test('an upload has the checksum that was asked for, in the type that AWS gives by default', () => {
  assert.deepEqual(asked(), { checksumAlgorithm: undefined, checksumType: undefined });
  assert.deepEqual(asked('crc32'), { checksumAlgorithm: 'CRC32', checksumType: 'COMPOSITE' });
  assert.deepEqual(asked('CRC32', 'FULL_OBJECT'), { checksumAlgorithm: 'CRC32', checksumType: 'FULL_OBJECT' });
  assert.deepEqual(asked('CRC64NVME'), { checksumAlgorithm: 'CRC64NVME', checksumType: 'FULL_OBJECT' });
});

test('a type without an algorithm, and one that its algorithm cannot have, are refused', () => {
  const bad = [
    [undefined, 'COMPOSITE'],
    ['CRC64NVME', 'COMPOSITE'],
    ['SHA256', 'FULL_OBJECT'],
    ['MD4', undefined],
    ['CRC32', 'HALF'],
  ] as const;
  for (const [algorithm, type] of bad) assert.throws(() => asked(algorithm, type), { code: 'InvalidRequest' });
});
