import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksumOf, compositeChecksumOf } from './checksums.ts';

const check = Buffer.from('123456789');
const hex = (base64: string) => Buffer.from(base64, 'base64').toString('hex');

test('each checksum is that of its specification for the digits from 1 to 9', () => {
  assert.equal(hex(checksumOf('CRC32', check)), 'cbf43926');
  assert.equal(hex(checksumOf('CRC32C', check)), 'e3069283');
  assert.equal(hex(checksumOf('CRC64NVME', check)), 'ae8b14860a799888');
  assert.equal(hex(checksumOf('SHA1', check)), 'f7c3bc1d808e04732adf679965ccc34ca7ae3441');
});

test('a composite checksum is taken over the checksums of the parts and names their number', () => {
  const parts = [Buffer.from('12345'), Buffer.from('6789')];
  const together = Buffer.concat(parts.map((part) => Buffer.from(checksumOf('SHA256', part), 'base64')));
  assert.equal(compositeChecksumOf('SHA256', parts), `${checksumOf('SHA256', together)}-2`);
});
