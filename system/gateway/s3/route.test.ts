import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuery } from './query.ts';
import { route } from './route.ts';
import { parseTarget, splitUrl } from './target.ts';

function of(line: string, headers: Record<string, string> = {}): string {
  const [method = '', url = ''] = line.split(' ');
  const { rawPath, rawQuery } = splitUrl(url);
  const target = parseTarget(rawPath, undefined, undefined);
  return route({ method, target, query: parseQuery(rawQuery), headers: new Map(Object.entries(headers)) });
}

const expected: Readonly<Record<string, string>> = {
  'GET /': 'ListBuckets',
  'GET /?x-id=ListBuckets&prefix=': 'ListBuckets',
  'GET /b': 'ListObjects',
  'GET /b/?prefix=&delimiter=': 'ListObjects',
  'GET /b?list-type=2': 'ListObjectsV2',
  'GET /b?list-type=2&start-after=&encoding-type=url': 'ListObjectsV2',
  'GET /b?versions': 'ListObjectVersions',
  'GET /b?versioning=': 'GetBucketVersioning',
  'GET /b?location': 'GetBucketLocation',
  'GET /b?uploads': 'ListMultipartUploads',
  'PUT /b': 'CreateBucket',
  'PUT /b?versioning': 'PutBucketVersioning',
  'HEAD /b': 'HeadBucket',
  'DELETE /b/': 'DeleteBucket',
  'POST /b?delete': 'DeleteObjects',
  'GET /b/k': 'GetObject',
  'GET /b/k?versionId=': 'GetObject',
  'GET /b/k?attributes': 'GetObjectAttributes',
  'GET /b/k?uploadId=u': 'ListParts',
  'HEAD /b/k?partNumber=1': 'HeadObject',
  'PUT /b/k?x-id=PutObject': 'PutObject',
  'PUT /b/k?partNumber=1&uploadId=u': 'UploadPart',
  'DELETE /b/k': 'DeleteObject',
  'DELETE /b/k?uploadId=u': 'AbortMultipartUpload',
  'POST /b/k?uploads': 'CreateMultipartUpload',
  'POST /b/k?uploadId=u': 'CompleteMultipartUpload',
};

for (const [line, name] of Object.entries(expected)) test(`${line} is ${name}`, () => assert.equal(of(line), name));

test('a source makes a PUT a copy', () => {
  const source = { 'x-amz-copy-source': '/b/other' };
  assert.equal(of('PUT /b/k', source), 'CopyObject');
  assert.equal(of('PUT /b/k?partNumber=1&uploadId=u', source), 'UploadPartCopy');
});

test('features that follow later, and subresources that nobody knows, are not implemented', () => {
  for (const line of ['GET /b?acl', 'PUT /b?policy', 'PUT /b/k?tagging', 'GET /b/k?torrent', 'PUT /b/k?unheard-of']) {
    assert.throws(() => of(line), { code: 'NotImplemented' }, line);
  }
  assert.throws(() => of('POST /b', { 'content-type': 'multipart/form-data; boundary=x' }), { code: 'NotImplemented' });
  assert.throws(() => of('OPTIONS /b/k'), { code: 'NotImplemented' });
});

test('methods that the resource does not have are not allowed', () => {
  for (const line of ['POST /', 'PUT /', 'POST /b', 'PATCH /b/k', 'POST /b/k', 'PUT /b/k?uploads', 'PUT /b?location']) {
    assert.throws(() => of(line), { code: 'MethodNotAllowed' }, line);
  }
  assert.throws(() => of('constructor /b'), { code: 'MethodNotAllowed' });
});

test('a part needs its number and its upload', () => {
  assert.throws(() => of('PUT /b/k?partNumber=1'), { code: 'InvalidArgument' });
  assert.throws(() => of('PUT /b/k?uploadId=u'), { code: 'InvalidArgument' });
});
