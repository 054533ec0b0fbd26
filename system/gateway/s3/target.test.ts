import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseQuery } from './query.ts';
import { parseTarget, splitUrl } from './target.ts';

const parse = (path: string, host?: string, domain?: string) => parseTarget(path, host, domain);

test('the first part of the path is the bucket, and all behind it the key', () => {
  assert.deepEqual(parse('/'), { bucketName: '', key: '' });
  assert.deepEqual(parse('/b'), { bucketName: 'b', key: '' });
  assert.deepEqual(parse('/b/'), { bucketName: 'b', key: '' });
  assert.deepEqual(parse('/b/k'), { bucketName: 'b', key: 'k' });
});

test('slashes, dots and plus signs in keys are kept', () => {
  for (const key of ['/k', 'a//b/', '../x', './x', 'a/../b', '.', '..', 'a+b', '~']) {
    assert.deepEqual(parse(`/b/${key}`), { bucketName: 'b', key });
  }
});

test('any key comes back from any encoding of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }), (key) => {
      assert.equal(parse(`/b/${encodeURIComponent(key)}`).key, key);
      const raw = Buffer.from(key.replaceAll('%', '%25')).toString('latin1');
      assert.equal(parse(`/b/${raw}`).key, key);
    }),
  );
});

test('a path that is no percent-encoded UTF-8 is refused', () => {
  for (const path of ['/b/%', '/b/%2', '/b/%zz', '/b/%ff', '/b/%c3%28', '/b/\u00ff', '*', '']) {
    assert.throws(() => parse(path), { code: 'InvalidURI' }, path);
  }
});

test('a key has at most 1,024 bytes', () => {
  parse(`/b/${'k'.repeat(1_024)}`);
  parse(`/b/${'%C3%BC'.repeat(512)}`);
  assert.throws(() => parse(`/b/${'k'.repeat(1_025)}`), { code: 'KeyTooLongError' });
  assert.throws(() => parse(`/b/${'%C3%BC'.repeat(512)}k`), { code: 'KeyTooLongError' });
});

test('a host below the domain names the bucket', () => {
  assert.deepEqual(parse('/a/b', 'bucket.s3.example:9000', 's3.example'), { bucketName: 'bucket', key: 'a/b' });
  assert.deepEqual(parse('/', 'my.bucket.S3.example', 's3.example'), { bucketName: 'my.bucket', key: '' });
  assert.deepEqual(parse('/a/b', 's3.example', 's3.example'), { bucketName: 'a', key: 'b' });
  assert.deepEqual(parse('/a/b', '127.0.0.1:9000', 's3.example'), { bucketName: 'a', key: 'b' });
  assert.deepEqual(parse('/a/b', 'bucket.s3.example', undefined), { bucketName: 'a', key: 'b' });
});

test('a key without a bucket is refused', () => {
  assert.throws(() => parse('//key'), { code: 'InvalidBucketName' });
});

test('a URL is split at its first question mark, and may be absolute', () => {
  assert.deepEqual(splitUrl('/b/k?a=b?c'), { rawPath: '/b/k', rawQuery: 'a=b?c' });
  assert.deepEqual(splitUrl('http://h:1/b/k?a'), { rawPath: '/b/k', rawQuery: 'a' });
  assert.deepEqual(splitUrl('http://h:1'), { rawPath: '/', rawQuery: '' });
});

test('a query is decoded, and its first value counts', () => {
  const query = parseQuery('prefix=a%2Fb+c&delete&prefix=z&&empty=');
  assert.deepEqual(
    [...query],
    [
      ['prefix', 'a/b c'],
      ['delete', ''],
      ['empty', ''],
    ],
  );
  assert.throws(() => parseQuery('prefix=%ff'), { code: 'InvalidURI' });
});
