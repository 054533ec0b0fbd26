/** Conditional reads answer in the order that RFC 9110 (13.2.2) says. A failure means caches that show what is no more. */
import assert from 'node:assert/strict';
import type { S3HttpClient } from '../../kit/clients/s3/s3-http-client.ts';
import { ownBucket, plainS3Of, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { overS3 } from '../over-s3.ts';

testCase('S26', 'GET and HEAD are answered by what is asked of ETag and date, ETags first', overS3, async (ctx) => {
  const plain = plainS3Of(ctx);
  const bucket = await ownBucket(ctx, s3Of(ctx));
  const [etag, date] = await putAndTell(plain, bucket, 'conditional');
  const at = (shiftMs: number) => new Date(date + shiftMs).toUTCString();
  const [past, same, future] = [at(-86_400_000), at(0), at(86_400_000)];
  const other = '"0123456789abcdef0123456789abcdef"';
  const bare = etag.replaceAll('"', '');

  const cases: [headers: Record<string, string>, status: number][] = [
    [{ 'if-match': etag }, 200],
    [{ 'if-match': bare }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': `${other}, ${etag}` }, 200],
    [{ 'if-match': other }, 412],
    [{ 'if-none-match': other }, 200],
    [{ 'if-none-match': etag }, 304],
    [{ 'if-none-match': bare }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': `${other}, ${etag}` }, 304],
    [{ 'if-modified-since': past }, 200],
    [{ 'if-modified-since': same }, 304],
    // A date in the future is no date that a client could have seen.
    [{ 'if-unmodified-since': future }, 200],
    [{ 'if-unmodified-since': same }, 200],
    [{ 'if-unmodified-since': past }, 412],
    [{ 'if-modified-since': 'no date' }, 200],
    [{ 'if-unmodified-since': 'no date' }, 200],
    [{ 'if-match': etag, 'if-unmodified-since': past }, 200],
    [{ 'if-match': other, 'if-unmodified-since': future }, 412],
    [{ 'if-none-match': etag, 'if-modified-since': past }, 304],
    [{ 'if-none-match': other, 'if-modified-since': same }, 200],
    [{ 'if-match': etag, 'if-none-match': etag }, 304],
    [{ 'if-match': other, 'if-none-match': etag }, 412],
  ];
  for (const [headers, status] of cases) {
    for (const method of ['GET', 'HEAD']) {
      const answer = await plain.send({ method, bucket, key: 'conditional', headers });
      assert.equal(answer.status, status, `${method} ${JSON.stringify(headers)}`);
      if (status === 304) {
        assert.deepEqual([answer.headers.etag, answer.body.length], [etag, 0], 'a 304 names what did not change');
        assert.ok(answer.headers['last-modified']);
      }
      if (status === 412 && method === 'GET') assert.match(answer.body.toString(), /<Code>PreconditionFailed</);
    }
  }
});

testCase('S27', 'a condition is asked before a range', overS3, async (ctx) => {
  const plain = plainS3Of(ctx);
  const bucket = await ownBucket(ctx, s3Of(ctx));
  const [etag, date] = await putAndTell(plain, bucket, 'ranged');
  const ask = async (headers: Record<string, string>) =>
    (await plain.send({ method: 'GET', bucket, key: 'ranged', headers: { range: 'bytes=1-2', ...headers } })).status;
  assert.equal(await ask({ 'if-match': etag }), 206);
  assert.equal(await ask({ 'if-match': '"other"' }), 412);
  assert.equal(await ask({ 'if-none-match': etag }), 304);
  assert.equal(await ask({ 'if-modified-since': new Date(date).toUTCString() }), 304);
});

async function putAndTell(plain: S3HttpClient, bucket: string, key: string): Promise<[etag: string, dateMs: number]> {
  await plain.send({ method: 'PUT', bucket, key, body: Buffer.from('content') });
  const { headers } = await plain.send({ method: 'HEAD', bucket, key });
  return [headers.etag ?? '', Date.parse(headers['last-modified'] ?? '')];
}
