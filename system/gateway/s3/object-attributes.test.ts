import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributeHeaders, readAttributes } from './object-attributes.ts';

const read = (headers: Record<string, string>) => readAttributes(new Map(Object.entries(headers)));

test('what a client says of an object is given back to it', () => {
  const said = {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-cache',
    'content-disposition': 'attachment',
    'content-encoding': 'gzip',
    'content-language': 'de',
    expires: 'whenever',
    'x-amz-website-redirect-location': '/elsewhere',
    'x-amz-storage-class': 'STANDARD_IA',
    'x-amz-meta-colour': 'grün',
    'x-amz-meta-empty': '',
  };
  assert.deepEqual(attributeHeaders(read(said)), said);
});

test('an object of which nothing is said has the type binary/octet-stream and the class STANDARD', () => {
  assert.deepEqual(read({}), { contentType: 'binary/octet-stream', userMetadata: {}, storageClass: 'STANDARD' });
  assert.deepEqual(attributeHeaders(read({})), { 'content-type': 'binary/octet-stream' });
});

test('aws-chunked is no encoding of the object', () => {
  assert.equal(read({ 'content-encoding': 'aws-chunked' }).contentEncoding, undefined);
  assert.equal(read({ 'content-encoding': 'aws-chunked, gzip' }).contentEncoding, 'gzip');
  assert.equal(read({ 'content-encoding': 'gzip,AWS-Chunked' }).contentEncoding, 'gzip');
});

test('2,048 bytes of user metadata are the most', () => {
  read({ 'x-amz-meta-a': 'v'.repeat(2_047) });
  assert.throws(() => read({ 'x-amz-meta-a': 'v'.repeat(2_046), 'x-amz-meta-b': 'v' }), { code: 'MetadataTooLarge' });
  assert.throws(() => read({ 'x-amz-meta-a': 'ü'.repeat(1_024) }), { code: 'MetadataTooLarge' });
});

test('unknown storage classes and odd redirect locations are refused', () => {
  assert.throws(() => read({ 'x-amz-storage-class': 'BEST' }), { code: 'InvalidStorageClass' });
  assert.throws(() => read({ 'x-amz-website-redirect-location': 'elsewhere' }), { code: 'InvalidRedirectLocation' });
});
