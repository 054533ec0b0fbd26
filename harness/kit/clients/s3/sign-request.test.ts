/** The examples that AWS publishes with the specification: a signer that the suites trust must not be its own judge. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awsChunks, streamingPayload, streamingPayloadTrailer } from './aws-chunked.ts';
import { presignedQuery, signRequest } from './sign-request.ts';
import { emptySha256, pathEncoded } from './signature.ts';

const options = {
  credentials: { accessKey: 'AKIAIOSFODNN7EXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
  date: new Date('2013-05-24T00:00:00Z'),
};
const host = 'examplebucket.s3.amazonaws.com';

test('a GET with a range is signed as AWS says', () => {
  const request = { method: 'GET', path: '/test.txt', headers: { host, range: 'bytes=0-9' } };
  const { signature } = signRequest(request, emptySha256, options);
  assert.equal(signature, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41');
});

test('a PUT of a key with odd characters is signed as AWS says', () => {
  const headers = { host, date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' };
  const request = { method: 'PUT', path: pathEncoded('/test$file.text'), headers };
  const { signature } = signRequest(request, Buffer.from('Welcome to Amazon S3.'), options);
  assert.equal(signature, '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd');
});

test('a listing is signed with its query sorted, and a subresource without a value as one with an empty value', () => {
  const signatureOf = (query: string) =>
    signRequest({ method: 'GET', path: '/', query, headers: { host } }, emptySha256, options).signature;
  assert.equal(signatureOf('prefix=J&max-keys=2'), '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7');
  assert.equal(signatureOf('lifecycle'), 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543');
});

test('a presigned URL is signed as AWS says', () => {
  const query = presignedQuery({ method: 'GET', path: '/test.txt', headers: { host } }, 86_400, options);
  assert.match(query, /X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404$/);
});

test('a body in signed chunks is signed as AWS says, down to its empty last chunk', () => {
  const headers = {
    host: 's3.amazonaws.com',
    'content-encoding': 'aws-chunked',
    'content-length': '66824',
    'x-amz-decoded-content-length': '66560',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
  };
  const request = { method: 'PUT', path: '/examplebucket/chunkObject.txt', headers };
  const signed = signRequest(request, streamingPayload, options);
  assert.equal(signed.signature, '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9');

  const chunks = awsChunks([Buffer.alloc(65_536, 'a'), Buffer.alloc(1_024, 'a')], { signed });

  const signatures = chunks.map((chunk) => /chunk-signature=([0-9a-f]+)/.exec(chunk.toString('latin1'))?.[1]);
  assert.deepEqual(signatures, [
    'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
  ]);
  assert.equal(Buffer.concat(chunks).length, 66_824);
});

test('trailers are signed as AWS says', () => {
  const headers = {
    host: 's3.amazonaws.com',
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': '66560',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    'x-amz-trailer': 'x-amz-checksum-crc32c',
  };
  const request = { method: 'PUT', path: '/examplebucket/chunkObject.txt', headers };
  const signed = signRequest(request, streamingPayloadTrailer, options);
  assert.equal(signed.signature, '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e');

  const trailers = { 'x-amz-checksum-crc32c': 'sOO8/Q==' };
  const chunks = awsChunks([Buffer.alloc(65_536, 'a'), Buffer.alloc(1_024, 'a')], { signed, trailers });

  const end = chunks.at(-1)?.toString('latin1') ?? '';
  assert.equal(
    end,
    '0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n' +
      'x-amz-checksum-crc32c:sOO8/Q==\r\n' +
      'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
  );
});
