/** What a client says of an object must come back with it. A failure means pages of the wrong type and lost metadata. */
import assert from 'node:assert/strict';
import { ownBucket, plainS3Of, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { overS3 } from '../over-s3.ts';
import { assertRefused } from '../refused.ts';

testCase('S15', 'headers that describe an object come back with GET and HEAD', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const said = {
    ContentType: 'text/html; charset=utf-8',
    CacheControl: 'max-age=60, public',
    ContentDisposition: 'attachment; filename="ä b.html"'.replace('ä', 'ae'),
    ContentEncoding: 'gzip',
    ContentLanguage: 'de, en',
    WebsiteRedirectLocation: '/elsewhere',
  };
  const Expires = new Date('2030-01-02T03:04:05Z');
  await s3.putObject({ Bucket, Key: 'described', Body: 'x', ...said, Expires });
  for (const answer of [
    await s3.getObject({ Bucket, Key: 'described' }),
    await s3.headObject({ Bucket, Key: 'described' }),
  ]) {
    for (const [name, value] of Object.entries(said)) assert.equal(answer[name as keyof typeof said], value, name);
    assert.equal(new Date(answer.ExpiresString ?? '').getTime(), Expires.getTime());
  }
});

testCase(
  'S16',
  'an object of which nothing is said is binary, and a range of it tells the same',
  overS3,
  async (ctx) => {
    const plain = plainS3Of(ctx);
    const bucket = await ownBucket(ctx, s3Of(ctx));
    await plain.send({ method: 'PUT', bucket, key: 'silent', body: Buffer.from('silent') });
    const { headers } = await plain.send({ method: 'GET', bucket, key: 'silent' });
    assert.equal(headers['content-type'], 'binary/octet-stream');
    for (const name of ['cache-control', 'content-disposition', 'content-encoding', 'content-language', 'expires']) {
      assert.equal(headers[name], undefined, name);
    }
    const range = await plain.send({ method: 'GET', bucket, key: 'silent', headers: { range: 'bytes=1-2' } });
    assert.deepEqual([range.status, range.headers['content-type']], [206, 'binary/octet-stream']);
  },
);

testCase('S17', 'the framing aws-chunked is no encoding of the object', overS3, async (ctx) => {
  const plain = plainS3Of(ctx);
  const bucket = await ownBucket(ctx, s3Of(ctx));
  for (const [given, kept] of [
    ['aws-chunked', undefined],
    ['aws-chunked,gzip', 'gzip'],
    ['gzip, aws-chunked', 'gzip'],
  ] as const) {
    const headers = { 'content-encoding': given };
    await plain.send({ method: 'PUT', bucket, key: 'encoded', headers, body: Buffer.from('x') });
    const head = await plain.send({ method: 'HEAD', bucket, key: 'encoded' });
    assert.equal(head.headers['content-encoding'], kept, given);
  }
});

testCase('S18', 'a signed GET may ask for other headers than were stored', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const Key = 'overridden';
  await s3.putObject({ Bucket, Key, Body: 'x', ContentType: 'text/plain', CacheControl: 'no-store' });
  const answer = await s3.getObject({
    Bucket,
    Key,
    ResponseContentType: 'image/png',
    ResponseContentDisposition: 'inline',
    ResponseContentEncoding: 'identity',
    ResponseContentLanguage: 'fr',
    ResponseExpires: new Date('2031-01-01T00:00:00Z'),
  });
  const { ContentType, ContentDisposition, ContentEncoding, ContentLanguage, CacheControl } = answer;
  assert.deepEqual(
    [ContentType, ContentDisposition, ContentEncoding, ContentLanguage, CacheControl],
    ['image/png', 'inline', 'identity', 'fr', 'no-store'],
  );
  assert.equal((await s3.headObject({ Bucket, Key })).ContentType, 'text/plain', 'what is stored stays');
});

testCase('S19', 'user metadata comes back, in any encoding, up to 2 KB', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const Metadata = {
    plain: 'value',
    empty: '',
    'with-dash': 'a  b',
    digits123: '0',
    commas: 'a, b;c="d"',
    url: '%C3%A4',
  };
  await s3.putObject({ Bucket, Key: 'user', Body: 'x', Metadata: { ...Metadata, UPPER: 'Case' } });
  const head = await s3.headObject({ Bucket, Key: 'user' });
  // Header names have no case, and several blanks in a header count as one.
  assert.deepEqual(head.Metadata, { ...Metadata, upper: 'Case', 'with-dash': head.Metadata?.['with-dash'] });
  assert.match(head.Metadata?.['with-dash'] ?? '', /^a {1,2}b$/);

  const plain = plainS3Of(ctx);
  for (const text of ['grün', '日本語', '🙂']) {
    // Over the wire it is UTF-8, of which HTTP libraries see the single bytes.
    const headers = { 'x-amz-meta-text': Buffer.from(text).toString('latin1') };
    await plain.send({ method: 'PUT', bucket: Bucket, key: 'utf8', headers, body: Buffer.from('x') });
    const { headers: got } = await plain.send({ method: 'GET', bucket: Bucket, key: 'utf8' });
    assert.equal(decoded(String(got['x-amz-meta-text'])), text);
  }
  await s3.putObject({ Bucket, Key: 'full', Body: 'x', Metadata: { k: 'v'.repeat(2047) } });
  await assertRefused(
    s3.putObject({ Bucket, Key: 'over', Body: 'x', Metadata: { k: 'v'.repeat(2048) } }),
    400,
    'MetadataTooLarge',
  );
  await assertRefused(s3.headObject({ Bucket, Key: 'over' }), 404, null);
});

testCase(
  'S20',
  'a storage class is kept and told, the standard one silently, and an invented one is refused',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    await s3.putObject({ Bucket, Key: 'rare', Body: 'x', StorageClass: 'STANDARD_IA' });
    await s3.putObject({ Bucket, Key: 'usual', Body: 'x', StorageClass: 'STANDARD' });
    assert.equal((await s3.headObject({ Bucket, Key: 'rare' })).StorageClass, 'STANDARD_IA');
    assert.equal((await s3.headObject({ Bucket, Key: 'usual' })).StorageClass, undefined);
    const { Contents = [] } = await s3.listObjectsV2({ Bucket });
    assert.deepEqual(
      Contents.map(({ StorageClass }) => StorageClass),
      ['STANDARD_IA', 'STANDARD'],
    );
    const invented = s3.putObject({ Bucket, Key: 'x', Body: 'x', StorageClass: 'MARBLE' as 'STANDARD' });
    await assertRefused(invented, 400, 'InvalidStorageClass');
  },
);

/** AWS gives what is not ASCII back by RFC 2047; the bytes as they came are a right answer too. */
function decoded(header: string): string {
  const word = /^=\?UTF-8\?(B|Q)\?(.*)\?=$/i.exec(header);
  if (word === null) return Buffer.from(header, 'latin1').toString();
  const [, kind, text = ''] = word;
  if (kind?.toUpperCase() === 'B') return Buffer.from(text, 'base64').toString();
  return decodeURIComponent(text.replaceAll('_', ' ').replaceAll('=', '%'));
}
