import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ObjectVersion } from '../objects/object-ports.ts';
import { copiedVersion, parseCopyRange, parseCopySource } from './copy-source.ts';

test('whatever key and version a client encodes is the one that is copied', () => {
  const key = fc.string({ minLength: 1, unit: 'binary' }).filter((text) => text.isWellFormed());
  const version = fc.constantFrom(undefined, 'null', '0000000000000001f0e1d2c3b4a59687');
  fc.assert(
    fc.property(key, version, fc.boolean(), (name, versionId, hasSlash) => {
      const query = versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`;
      const header = `${hasSlash ? '/' : ''}bucket/${encodeURIComponent(name)}${query}`;
      assert.deepEqual(parseCopySource(header), { bucketName: 'bucket', key: name, versionId });
    }),
  );
});

test('a source may be written as it is, with question marks and slashes in its key', () => {
  const plain = { bucketName: 'b', versionId: undefined };
  assert.deepEqual(parseCopySource('b/what?'), { ...plain, key: 'what?' });
  assert.deepEqual(parseCopySource('/b//a/../c'), { ...plain, key: '/a/../c' });
  assert.deepEqual(parseCopySource('b/a+b c'), { ...plain, key: 'a+b c' });
  assert.deepEqual(parseCopySource('b/%3FversionId=1'), { ...plain, key: '?versionId=1' });
});

test('a source without a bucket or a key, or in no encoding, is refused', () => {
  for (const header of ['', '/', 'b', 'b/', '/b/', '//k', 'b/%zz', 'b/%ff', 'b/k?versionId=', 'b/k?versionId=1']) {
    assert.throws(() => parseCopySource(header), { code: 'InvalidArgument' }, header);
  }
});

test('a range to copy is exact, and within the source', () => {
  assert.deepEqual(parseCopyRange('bytes=0-9', 10), { start: 0, end: 10 });
  assert.deepEqual(parseCopyRange('bytes=3-3', 10), { start: 3, end: 4 });
  assert.deepEqual(parseCopyRange(undefined, 10), { start: 0, end: 10 });
  for (const header of ['bytes=0-10', 'bytes=-5', 'bytes=5-', 'bytes=4-3', '0-3', 'bytes=0-3,5-6', 'bytes=a-b', '']) {
    assert.throws(() => parseCopyRange(header, 10), { code: 'InvalidArgument' }, header);
  }
});

test('a copy is made only of what the conditions on its source allow', () => {
  const version = {
    etag: 'abc',
    lastModified: new Date('2020-01-01T00:00:00.500Z'),
    isDeleteMarker: false,
  } as ObjectVersion;
  const name = { bucketName: 'b', key: 'k', versionId: undefined };
  const allows = (headers: Record<string, string>) => {
    const prefixed = Object.entries(headers).map(([header, value]) => [`x-amz-copy-source-${header}`, value] as const);
    try {
      copiedVersion({ version } as Parameters<typeof copiedVersion>[0], name, new Map(prefixed));
      return true;
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'PreconditionFailed');
      return false;
    }
  };
  const [before, at, after] = [2019, 2020, 2021].map((year) => `Wed, 01 Jan ${year} 00:00:00 GMT`);
  assert.ok(before !== undefined && at !== undefined && after !== undefined);
  assert.ok(allows({ 'if-match': '"abc"' }) && allows({ 'if-match': 'abc' }) && !allows({ 'if-match': '"x"' }));
  assert.ok(allows({ 'if-none-match': '"x"' }) && !allows({ 'if-none-match': 'abc' }));
  assert.ok(allows({ 'if-modified-since': before }) && !allows({ 'if-modified-since': after }));
  assert.ok(allows({ 'if-unmodified-since': at }) && !allows({ 'if-unmodified-since': before }));
  assert.ok(allows({ 'if-match': '"abc"', 'if-unmodified-since': before }));
  assert.ok(!allows({ 'if-none-match': '"abc"', 'if-modified-since': before }));
});

test('a delete marker is no source, and by its version id it is an error to name it', () => {
  const version = { isDeleteMarker: true } as ObjectVersion;
  const found = { version } as Parameters<typeof copiedVersion>[0];
  const name = { bucketName: 'b', key: 'k' };
  assert.throws(() => copiedVersion(found, { ...name, versionId: undefined }, new Map()), { code: 'NoSuchKey' });
  assert.throws(() => copiedVersion(found, { ...name, versionId: '1' }, new Map()), { code: 'InvalidRequest' });
});
