import { streamingUnsignedTrailer } from '../../kit/clients/s3/aws-chunked.ts';
import { sha256 } from '../../kit/clients/s3/signature.ts';
import { checksumOf } from '../../kit/seed/checksums.ts';
import { type BadRequest, type Headers, signed } from './bad-request.ts';
import { chunked } from './chunked.ts';

const other = Buffer.from('another content');
const announced = { 'x-amz-trailer': 'x-amz-checksum-crc32' };

/** Bodies that are not what they were declared to be. */
export const badDigests: readonly BadRequest[] = [
  {
    what: 'a body that is not the signed one',
    status: 400,
    code: 'XAmzContentSHA256Mismatch',
    bytes: (place) => signed(place, { payload: sha256(other) }),
  },
  withHeaders('an MD5 of something else', 'BadDigest', { 'content-md5': 'XrY7u+Ae7tCTyyK7j1rNww==' }),
  withHeaders('an MD5 that is no base64', 'InvalidDigest', { 'content-md5': 'not base64 at all' }),
  withHeaders('an MD5 of five bytes', 'InvalidDigest', { 'content-md5': 'AAAAAAA=' }),
  withHeaders('an MD5 in hexadecimal', 'InvalidDigest', { 'content-md5': '9a0364b9e99bb480dd25e1f0284c8555' }),
  ...(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const).flatMap((algorithm) => {
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`;
    return [
      withHeaders(`a ${algorithm} of something else`, 'BadDigest', { [name]: checksumOf(algorithm, other) }),
      withHeaders(`a ${algorithm} of two bytes`, 'InvalidRequest', { [name]: 'AAA=' }),
    ];
  }),
  withHeaders('two checksums', 'InvalidRequest', {
    'x-amz-checksum-crc32': checksumOf('CRC32', Buffer.from('content')),
    'x-amz-checksum-sha256': checksumOf('SHA256', Buffer.from('content')),
  }),
  withHeaders('a checksum of an algorithm that nobody knows', 'InvalidRequest', { 'x-amz-checksum-md4': 'AAAAAA==' }),
  withHeaders('a checksum that is announced and not sent', 'InvalidRequest', {
    'x-amz-sdk-checksum-algorithm': 'CRC32',
  }),
  withHeaders('a checksum that is announced as another one', 'InvalidRequest', {
    'x-amz-sdk-checksum-algorithm': 'SHA1',
    'x-amz-checksum-crc32': checksumOf('CRC32', Buffer.from('content')),
  }),
  trailing('a checksum behind the body, of something else', 'BadDigest', {
    'x-amz-checksum-crc32': checksumOf('CRC32', other),
  }),
  trailing('a checksum behind the body that is none', 'InvalidRequest', { 'x-amz-checksum-crc32': '!' }),
  trailing('a checksum behind the body that is missing', 'MalformedTrailerError', {}),
  trailing('another trailer than the one that was announced', 'MalformedTrailerError', {
    'x-amz-checksum-sha1': checksumOf('SHA1', Buffer.from('content')),
  }),
  trailing('a trailer beside the one that was announced', 'MalformedTrailerError', {
    'x-amz-checksum-crc32': checksumOf('CRC32', Buffer.from('content')),
    'x-amz-meta-a': 'b',
  }),
  trailing('a trailer without a name', 'MalformedTrailerError', {
    '': checksumOf('CRC32', Buffer.from('content')),
  }),
  trailing(
    'a trailer that nobody announced',
    'MalformedTrailerError',
    { 'x-amz-checksum-crc32': checksumOf('CRC32', Buffer.from('content')) },
    {},
  ),
  withHeaders('a trailer that is announced for a body that can have none', 'MalformedTrailerError', announced),
  {
    what: 'a deletion of many keys without any digest',
    status: 400,
    code: 'InvalidRequest',
    bytes: (place) => {
      const body = `<Delete><Object><Key>${place.existing}</Key></Object></Delete>`;
      return signed(place, { method: 'POST', path: '/B', query: 'delete=', body });
    },
  },
];

function withHeaders(what: string, code: string, headers: Headers): BadRequest {
  return { what, status: 400, code, bytes: (place) => signed(place, { headers }) };
}

function trailing(what: string, code: BadRequest['code'], trailers: Headers, headers: Headers = announced): BadRequest {
  const bytes: BadRequest['bytes'] = (place) =>
    chunked(place, { payload: streamingUnsignedTrailer, pieces: ['content'], headers, trailers });
  return { what, status: 400, code, bytes };
}
