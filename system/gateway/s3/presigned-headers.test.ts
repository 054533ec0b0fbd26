import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPresignedHeaders } from './presigned-headers.ts';
import { parseQuery } from './query.ts';

const signature =
  'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-Credential=me&X-Amz-Date=now&X-Amz-Expires=60&X-Amz-Security-Token=t&X-Amz-SignedHeaders=host&X-Amz-Signature=f0';

function headersOf(query: string, sent: Record<string, string> = {}): Record<string, string> {
  const headers = withPresignedHeaders(new Map(Object.entries(sent)), parseQuery(query));
  return Object.fromEntries([...headers].filter(([name]) => name !== 'host'));
}

test('what a presigned URL says in the name of a header counts as the header', () => {
  const said =
    'x-amz-meta-a=b%20c&X-Amz-Storage-Class=GLACIER_IR&x-amz-acl=public-read&x-amz-meta-d=%C3%A4&x-id=PutObject';
  assert.deepEqual(headersOf(`${signature}&${said}`, { host: 'h' }), {
    'x-amz-meta-a': 'b c',
    'x-amz-storage-class': 'GLACIER_IR',
    'x-amz-acl': 'public-read',
    'x-amz-meta-d': 'ä',
  });
});

test('a header that was sent goes before the parameter of its name', () => {
  assert.deepEqual(headersOf(`${signature}&x-amz-meta-a=url`, { 'x-amz-meta-a': 'sent' }), { 'x-amz-meta-a': 'sent' });
});

test('what a URL says of a body that nobody knew is passed over', () => {
  const said =
    'x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32&x-amz-trailer=x-amz-checksum-crc32';
  assert.deepEqual(headersOf(`${signature}&${said}`), {});
});

test('without a signature in the query, its parameters are no headers', () => {
  assert.deepEqual(headersOf('x-amz-meta-a=b'), {});
});

test('what could not be sent back as a header is refused', () => {
  for (const said of ['x-amz-meta-a=b%0D%0Ac', 'x-amz-meta-a=%00', 'x-amz-meta-%0A=b', 'x-amz-meta-%C3%A4=b']) {
    assert.throws(() => headersOf(`${signature}&${said}`), { code: 'InvalidArgument' }, said);
  }
});
