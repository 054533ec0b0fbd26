import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { checksumAlgorithms } from '../../objects/checksums/checksum-algorithms.ts';
import { createChecksum } from '../../objects/checksums/running-checksum.ts';
import { BodyDigests, type WantedDigests } from './body-digests.ts';
import { checksumHeader, type ExpectedDigests } from './expected-digests.ts';

const none: ExpectedDigests = { md5: undefined, checksum: undefined };
const text = 'some content';
const md5Hex = hash('md5', text);
const md5 = hash('md5', text, 'base64');

function verify(expected: ExpectedDigests, wanted?: WantedDigests, trailers: Readonly<Record<string, string>> = {}) {
  const digests = new BodyDigests(expected, wanted);
  digests.update(Buffer.from(text.slice(0, 5)));
  digests.update(Buffer.from(text.slice(5)));
  return digests.verify(new Map(Object.entries(trailers)));
}

function checksumOf(algorithm: (typeof checksumAlgorithms)[number], content = text): string {
  const checksum = createChecksum(algorithm);
  checksum.update(Buffer.from(content));
  return checksum.digest();
}

test('nothing is computed that no one asked for', () => {
  assert.deepEqual(verify(none), { md5Hex: undefined, checksum: undefined });
  assert.deepEqual(verify(none, { md5: true }), { md5Hex, checksum: undefined });
});

test('a promised MD5 holds, or the body is refused', () => {
  assert.equal(verify({ ...none, md5 }).md5Hex, md5Hex);
  const other = hash('md5', 'other', 'base64');
  assert.throws(() => verify({ ...none, md5: other }), {
    code: 'BadDigest',
    message: 'The Content-MD5 you specified did not match what we received.',
    details: { ExpectedDigest: other, CalculatedDigest: md5 },
  });
});

test('a promised checksum holds, in a header as in a trailer, or the body is refused', () => {
  for (const algorithm of checksumAlgorithms) {
    const value = checksumOf(algorithm);
    const other = checksumOf(algorithm, 'other');
    const inTrailer = { ...none, checksum: { algorithm, value: undefined } };
    const verified = { md5Hex: undefined, checksum: { algorithm, value } };
    assert.deepEqual(verify({ ...none, checksum: { algorithm, value } }), verified);
    assert.deepEqual(verify(inTrailer, undefined, { [checksumHeader(algorithm)]: value }), verified);
    const message = `The ${algorithm} you specified did not match the calculated checksum.`;
    const bad = { code: 'BadDigest', message };
    assert.throws(() => verify({ ...none, checksum: { algorithm, value: other } }), bad);
    assert.throws(() => verify(inTrailer, undefined, { [checksumHeader(algorithm)]: other }), bad);
  }
});

test('a checksum that is wanted is computed, unless the client promised another one', () => {
  const value = checksumOf('CRC64NVME');
  const wanted = { md5: true, checksum: 'CRC64NVME' as const };
  assert.deepEqual(verify(none, wanted), { md5Hex, checksum: { algorithm: 'CRC64NVME', value } });
  const promised = { algorithm: 'SHA1' as const, value: checksumOf('SHA1') };
  assert.deepEqual(verify({ ...none, checksum: promised }, wanted), { md5Hex, checksum: promised });
});

test('the signed digest of the payload serves as its SHA-256, and is not believed for any other', () => {
  const signedSha256 = hash('sha256', 'what decodePayload verified');
  const value = hash('sha256', 'what decodePayload verified', 'base64');
  const wanted = { md5: false, checksum: 'SHA256' as const, signedSha256 };
  assert.deepEqual(verify(none, wanted).checksum, { algorithm: 'SHA256', value });
  const other = { ...none, checksum: { algorithm: 'SHA256' as const, value: checksumOf('SHA256') } };
  assert.throws(() => verify(other, wanted), { code: 'BadDigest' });
  const crc = { ...wanted, checksum: 'CRC32' as const };
  assert.deepEqual(verify(none, crc).checksum, { algorithm: 'CRC32', value: checksumOf('CRC32') });
});

test('the trailer that was named must come, alone, and be a checksum', () => {
  const named = { ...none, checksum: { algorithm: 'CRC32' as const, value: undefined } };
  const name = 'x-amz-checksum-crc32';
  const malformed = { code: 'MalformedTrailerError' };
  assert.throws(() => verify(named), malformed);
  assert.throws(() => verify(named, undefined, { 'x-amz-checksum-sha1': checksumOf('SHA1') }), malformed);
  assert.throws(() => verify(named, undefined, { [name]: checksumOf('CRC32'), 'x-amz-meta-a': 'b' }), malformed);
  assert.throws(() => verify(none, undefined, { [name]: checksumOf('CRC32') }), malformed);
  assert.throws(() => verify(named, undefined, { [name]: 'AAAA' }), {
    code: 'InvalidRequest',
    message: 'Value for x-amz-checksum-crc32 trailing header is invalid.',
  });
});
