import type { BadRequest, Wanted } from './bad-request.ts';
import { signed } from './bad-request.ts';

/** Names and arguments that cannot be. */
export const badKeys: readonly BadRequest[] = [
  refused('a key of 1,025 bytes', 'KeyTooLongError', { path: `/B/${'k'.repeat(1_025)}` }),
  refused('a key of 1,026 bytes in 342 characters', 'KeyTooLongError', { path: `/B/${'%E6%97%A5'.repeat(342)}` }),
  refused('a key with half a percent escape', 'InvalidURI', { path: '/B/per%c' }),
  refused('a key with a percent escape that is none', 'InvalidURI', { path: '/B/per%zz' }),
  refused('a key that is no UTF-8', 'InvalidURI', { path: '/B/%FF%FE' }),
  refused('a key with a surrogate in UTF-8', 'InvalidURI', { path: '/B/%ED%A0%80' }),
  refused('a bucket in capitals', 'InvalidBucketName', { path: '/CAPITALS', body: '' }),
  refused('a bucket of two letters', 'InvalidBucketName', { path: '/ab', body: '' }),
  { ...refused('a bucket that nobody has', 'NoSuchBucket', { path: '/B-absent/new' }), status: 404 },
  {
    ...refused('an upload that nobody began', 'NoSuchUpload', { query: 'partNumber=1&uploadId=nobody-began-this' }),
    status: 404,
  },
  refused('a bucket whose name has a NUL', 'InvalidBucketName', { path: '/B%00/new' }),
  { ...refused('an upload id with a NUL', 'NoSuchUpload', { query: 'partNumber=1&uploadId=%00' }), status: 404 },
  listing('an upload as marker whose id has a NUL', 'uploads=&key-marker=k&upload-id-marker=%00'),
  refused('a token that names a bucket with a NUL', 'InvalidArgument', {
    method: 'GET',
    path: '/',
    query: `continuation-token=${Buffer.from('1\0').toString('base64url')}`,
  }),
  part('0'),
  part('10001'),
  part('one'),
  refused('a version id that is none', 'InvalidArgument', {
    method: 'GET',
    path: '/B/existing',
    query: 'versionId=%20',
  }),
  { ...refused('a method that S3 has not', 'MethodNotAllowed', { method: 'PATCH' }), status: 405 },
  refused('a deletion of what was stored in the year 12000', 'InvalidArgument', {
    method: 'DELETE',
    path: '/B/existing',
    headers: { 'x-amz-if-match-last-modified-time': 'Sat, 01 Jan 12000 00:00:00 GMT' },
  }),
  listing('a page size in words', 'max-keys=many'),
  listing('a negative page size', 'max-keys=-1'),
  listing('a token that was not given', 'list-type=2&continuation-token=invented'),
  listing('an encoding that there is not', 'encoding-type=rot13'),
  copy('a copy of no key', 'only-a-bucket', 'InvalidArgument'),
  copy('a copy from a bucket whose name has a NUL', '/B%00/existing', ['InvalidArgument', 'InvalidBucketName']),
  copy('a copy of a source that is no UTF-8', '/bucket/%FF', ['InvalidArgument', 'InvalidURI']),
  copy('a copy of an object onto itself', '/B/existing', 'InvalidRequest', { path: '/B/existing' }),
  {
    ...copy('a copy that shall do neither', '/B/existing', 'InvalidArgument'),
    bytes: (place) => {
      const headers = { 'x-amz-copy-source': `/${place.bucket}/existing`, 'x-amz-metadata-directive': 'FORGET' };
      return signed(place, { headers, body: '' });
    },
  },
  refused('a storage class that there is not', 'InvalidStorageClass', { headers: { 'x-amz-storage-class': 'MARBLE' } }),
];

function refused(what: string, code: BadRequest['code'], wanted: Wanted): BadRequest {
  return { what, status: 400, code, bytes: (place) => signed(place, wanted) };
}

function part(number: string): BadRequest {
  return {
    what: `a part of the number ${number}`,
    status: 400,
    code: 'InvalidArgument',
    bytes: (place) => signed(place, { path: '/B/upload', query: `partNumber=${number}&uploadId=${place.uploadId}` }),
  };
}

function listing(what: string, query: string): BadRequest {
  return refused(what, 'InvalidArgument', { method: 'GET', path: '/B', query });
}

function copy(what: string, source: string, code: BadRequest['code'], wanted: Wanted = {}): BadRequest {
  const bytes: BadRequest['bytes'] = (place) => {
    const headers = { 'x-amz-copy-source': source.replace('/B', `/${place.bucket}`) };
    return signed(place, { ...wanted, headers, body: '' });
  };
  return { what, status: 400, code, bytes };
}
