import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FoundObject } from '../objects/find-object.ts';
import type { ObjectPart, ObjectVersion } from '../objects/object-ports.ts';
import type { S3Call, S3Deps } from './operation.ts';
import { planRead } from './read-plan.ts';

const owner = { accountId: 'me', displayName: 'Me', email: null };
const bucket = { bucketId: '1', name: 'b', owner, region: 'r', versioning: 'enabled' as const, createdAt: new Date(0) };
const version: ObjectVersion = {
  ...{ versionUid: '1', key: 'k', versionId: 'v', isLatest: true, isDeleteMarker: false, owner, sizeBytes: 100 },
  ...{ lastModified: new Date('2026-01-02T03:04:05.678Z'), etag: 'tag', partsCount: undefined },
  attributes: { contentType: 'text/plain', userMetadata: { a: 'b' }, storageClass: 'STANDARD' },
  checksum: { algorithm: 'CRC32', type: 'FULL_OBJECT', value: 'AAAAAA==' },
};
const parts: ObjectPart[] = [
  { partNumber: 1, offsetBytes: 0, sizeBytes: 60, etag: 'p1', checksum: 'AAAAAQ==' },
  { partNumber: 2, offsetBytes: 60, sizeBytes: 40, etag: 'p2', checksum: 'AAAAAg==' },
];
const objectParts = async (_uid: string, after: number) => parts.filter(({ partNumber }) => partNumber > after);

async function plan(
  headers: Record<string, string> = {},
  query: Record<string, string> = {},
  changes: Partial<ObjectVersion> = {},
) {
  const deps = { metadata: { objectParts } } as unknown as S3Deps;
  const call = { key: 'k', headers: new Map(Object.entries(headers)), query: new Map(Object.entries(query)) };
  const found: FoundObject = { bucket, version: { ...version, ...changes }, content: undefined };
  const { head, range } = await planRead(deps, call as unknown as S3Call, found);
  return { ...head, range };
}

test('the whole of an object is told with all that was said of it', async () => {
  assert.deepEqual(await plan(), {
    status: 200,
    range: { start: 0, end: 100 },
    headers: {
      etag: '"tag"',
      'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT',
      'x-amz-version-id': 'v',
      'accept-ranges': 'bytes',
      'content-type': 'text/plain',
      'x-amz-meta-a': 'b',
      'content-length': '100',
    },
  });
});

test('ranges are 206 with Content-Range; what lies beyond is 416, and what is no range is the whole', async () => {
  const { status, headers, range } = await plan({ range: 'bytes=-10' });
  assert.deepEqual([status, range], [206, { start: 90, end: 100 }]);
  assert.equal(headers['content-range'], 'bytes 90-99/100');
  await assert.rejects(plan({ range: 'bytes=100-' }), { code: 'InvalidRange' });
  assert.equal((await plan({ range: 'bytes=9-1' })).status, 200);
  assert.equal((await plan({ range: 'bytes=0-1', 'if-range': '"other"' })).status, 200);
  assert.equal((await plan({ range: 'bytes=0-1', 'if-range': '"tag"' })).status, 206);
});

test('a part is a range that is asked for by its number', async () => {
  const { status, headers, range } = await plan({}, { partNumber: '2' }, { partsCount: 2 });
  assert.deepEqual([status, range], [206, { start: 60, end: 100 }]);
  assert.equal(headers['x-amz-mp-parts-count'], '2');
  assert.equal((await plan({}, { partNumber: '1' })).headers['content-range'], 'bytes 0-99/100');
  await assert.rejects(plan({}, { partNumber: '3' }, { partsCount: 2 }), { code: 'InvalidPartNumber' });
  await assert.rejects(plan({}, { partNumber: '2' }), { code: 'InvalidPartNumber' });
  await assert.rejects(plan({}, { partNumber: '0' }), { code: 'InvalidArgument' });
  await assert.rejects(plan({ range: 'bytes=0-1' }, { partNumber: '1' }), { code: 'InvalidRequest' });
});

test('a checksum is told of exactly those bytes that are sent', async () => {
  const mode = { 'x-amz-checksum-mode': 'ENABLED' };
  const told = async (...args: Parameters<typeof plan>) => (await plan(...args)).headers['x-amz-checksum-crc32'];
  assert.equal(await told(mode), 'AAAAAA==');
  assert.equal(await told({}), undefined);
  assert.equal(await told({ ...mode, range: 'bytes=0-9' }), undefined);
  assert.equal(await told({ ...mode, range: 'bytes=0-' }), 'AAAAAA==');
  assert.equal(await told(mode, { partNumber: '2' }, { partsCount: 2 }), 'AAAAAg==');
});

test('conditions come before ranges, and those on tags before those on dates', async () => {
  const old = 'Thu, 01 Jan 2026 00:00:00 GMT';
  const now = 'Fri, 02 Jan 2026 03:04:05 GMT';
  const status = async (headers: Record<string, string>) => (await plan(headers)).status;
  assert.equal(await status({ 'if-none-match': 'tag', range: 'bytes=900-' }), 304);
  assert.equal(await status({ 'if-none-match': '"other"', 'if-modified-since': now }), 200);
  assert.equal(await status({ 'if-modified-since': now }), 304);
  assert.equal(await status({ 'if-match': '"tag"', 'if-unmodified-since': old }), 200);
  await assert.rejects(plan({ 'if-match': '"other"' }), { code: 'PreconditionFailed' });
  await assert.rejects(plan({ 'if-unmodified-since': old }), { code: 'PreconditionFailed' });
});

test('the query may ask for other headers, but for no further lines', async () => {
  const { headers } = await plan({}, { 'response-content-type': 'a/b', 'response-expires': 'x' });
  assert.deepEqual([headers['content-type'], headers['expires']], ['a/b', 'x']);
  await assert.rejects(plan({}, { 'response-expires': 'x\r\nset-cookie: y' }), { code: 'InvalidArgument' });
});

test('a delete marker is no object: 404, and 405 where it was asked for by its id', async () => {
  const marker = { isDeleteMarker: true };
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': 'v' };
  await assert.rejects(plan({}, {}, marker), { code: 'NoSuchKey', headers });
  const more = { allow: 'DELETE', 'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT' };
  await assert.rejects(plan({}, { versionId: 'v' }, marker), {
    code: 'MethodNotAllowed',
    headers: { ...headers, ...more },
  });
});
