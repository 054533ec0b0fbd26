import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3ErrorCode } from '../errors.ts';
import { foldHeaders } from '../sigv4/signed-request.ts';
import { expectedDigests } from './expected-digests.ts';

const crc32 = { 'x-amz-checksum-crc32': 'y/Q5Jg==' };
const trailer = { 'X-Amz-Trailer': 'x-amz-checksum-crc64nvme' };

function read(headers: Readonly<Record<string, string>>) {
  return expectedDigests(foldHeaders(Object.entries(headers).flat()));
}

test('what is promised in headers and for trailers is read', () => {
  assert.deepEqual(read({}), { md5: undefined, checksum: undefined });
  const md5 = 'rL0Y20xC+Fzt72VPzMSk2A==';
  assert.deepEqual(read({ 'Content-MD5': md5 }), { md5, checksum: undefined });
  const checksum = { algorithm: 'CRC32', value: 'y/Q5Jg==' };
  assert.deepEqual(read(crc32), { md5: undefined, checksum });
  assert.deepEqual(read({ ...crc32, 'x-amz-sdk-checksum-algorithm': 'crc32', 'x-amz-checksum-type': 'COMPOSITE' }), {
    md5: undefined,
    checksum,
  });
  const later = { md5: undefined, checksum: { algorithm: 'CRC64NVME', value: undefined } };
  assert.deepEqual(read(trailer), later);
  assert.deepEqual(read({ ...trailer, 'x-amz-sdk-checksum-algorithm': 'CRC64NVME' }), later);
});

test('what cannot be held to is refused in the words of AWS', () => {
  const refused: [headers: Readonly<Record<string, string>>, code: S3ErrorCode, message: RegExp][] = [
    [{ 'Content-MD5': '' }, 'InvalidDigest', /Content-MD5/],
    [{ 'Content-MD5': 'YWJyYWNhZGFicmE=' }, 'InvalidDigest', /Content-MD5/],
    [{ 'Content-MD5': 'AWS HAHAHA' }, 'InvalidDigest', /Content-MD5/],
    [{ 'x-amz-checksum-crc32': '' }, 'InvalidRequest', /^Value for x-amz-checksum-crc32 header is invalid\.$/],
    [{ 'x-amz-checksum-sha1': 'y/Q5Jg==' }, 'InvalidRequest', /^Value for x-amz-checksum-sha1 header is invalid\.$/],
    [{ ...crc32, 'X-Amz-Checksum-CRC32': 'y/Q5Jg==' }, 'InvalidRequest', /^Value for x-amz-checksum-crc32 header/],
    [{ ...crc32, 'x-amz-checksum-sha1': '' }, 'InvalidRequest', /Multiple checksum Types are not allowed/],
    [{ ...crc32, ...trailer }, 'InvalidRequest', /^Expecting a single x-amz-checksum- header$/],
    [
      { 'x-amz-trailer': 'x-amz-checksum-crc32, x-amz-checksum-sha1' },
      'InvalidRequest',
      /Multiple checksum Types are not allowed/,
    ],
    [{ 'x-amz-trailer': 'x-amz-meta-a' }, 'InvalidRequest', /x-amz-trailer header is not supported/],
    [{ 'x-amz-trailer': 'x-amz-checksum-type' }, 'InvalidRequest', /x-amz-trailer header is not supported/],
    [{ 'x-amz-checksum-xxhash': 'a' }, 'InvalidRequest', /algorithm type you specified/],
    [{ 'x-amz-sdk-checksum-algorithm': 'CRC32' }, 'InvalidRequest', /no corresponding x-amz-checksum-\*/],
    [
      { ...crc32, 'x-amz-sdk-checksum-algorithm': 'CRC32C' },
      'InvalidRequest',
      /^Value for x-amz-sdk-checksum-algorithm header is invalid\.$/,
    ],
    [{ 'x-amz-sdk-checksum-algorithm': 'none' }, 'InvalidRequest', /^Value for x-amz-sdk-checksum-algorithm/],
  ];
  for (const [headers, code, message] of refused) {
    assert.throws(() => read(headers), { code, message }, JSON.stringify(headers));
  }
});
