/** A presigned URL opens one thing for a time. A failure means doors that do not open, or that do not close. */
import assert from 'node:assert/strict';
import { CopyObjectCommand, GetObjectCommand, type GetObjectCommandInput, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { presignedQuery } from '../../kit/clients/s3/sign-request.ts';
import { knownS3, ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { contentOf } from '../content.ts';
import { overS3 } from '../over-s3.ts';

testCase('S69', 'whoever has the URL can put and get, without a key', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  for (const [Key, size] of [
    ['a key/with + odd&things', 10],
    ['large', 300_000],
  ] as const) {
    const content = contentOf(ctx, Key, size);
    const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key, ContentType: 'text/x' }), { expiresIn: 60 });
    const stored = await fetch(put, {
      method: 'PUT',
      body: Uint8Array.from(content),
      headers: { 'content-type': 'text/x' },
    });
    assert.equal(stored.status, 200, await stored.text());
    const got = await fetch(await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60 }));
    assert.deepEqual([got.status, got.headers.get('content-type')], [200, 'text/x']);
    assert.ok(content.equals(await got.bytes()), 'the bytes');
  }
  const named: GetObjectCommandInput = {
    Bucket,
    Key: 'large',
    ResponseContentDisposition: 'attachment; filename="x y"',
  };
  const got = await fetch(await getSignedUrl(s3, new GetObjectCommand(named)));
  assert.equal(got.headers.get('content-disposition'), 'attachment; filename="x y"');
  await got.bytes();

  // The SDK moves what these say into the query, and who has the URL says nothing of it.
  const described = {
    Bucket,
    Key: 'described',
    Metadata: { colour: 'dark red' },
    StorageClass: 'STANDARD_IA' as const,
  };
  const put = await fetch(await getSignedUrl(s3, new PutObjectCommand(described)), { method: 'PUT', body: 'small' });
  assert.equal(put.status, 200, await put.text());
  const copied = { Bucket, Key: 'copied', CopySource: `${Bucket}/described` };
  const copy = await fetch(await getSignedUrl(s3, new CopyObjectCommand(copied)), { method: 'PUT' });
  assert.equal(copy.status, 200, await copy.text());
  const { Metadata, StorageClass } = await s3.headObject({ Bucket, Key: 'described' });
  assert.deepEqual([Metadata, StorageClass], [described.Metadata, described.StorageClass]);
  const { Metadata: kept, ContentLength } = await s3.headObject({ Bucket, Key: 'copied' });
  assert.deepEqual([kept, ContentLength], [described.Metadata, 5]);
});

testCase(
  'S70',
  'a URL opens nothing else than it was made for, and nothing when its time is over',
  overS3,
  async (ctx) => {
    const s3 = s3Of(ctx);
    const Bucket = await ownBucket(ctx, s3);
    for (const Key of ['open', 'closed']) await s3.putObject({ Bucket, Key, Body: Key });
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'open' }), { expiresIn: 60 });
    const outcome = async (target: string, init: RequestInit = {}) => {
      const answer = await fetch(target, init);
      return [answer.status, /<Code>(\w+)</.exec(await answer.text())?.[1]];
    };
    const mismatch = [403, 'SignatureDoesNotMatch'];
    assert.deepEqual(await outcome(url.replace('/open', '/closed')), mismatch, 'another key');
    assert.deepEqual(await outcome(url, { method: 'DELETE' }), mismatch, 'another method');
    assert.deepEqual(await outcome(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600')), mismatch, 'a longer time');
    assert.deepEqual(await outcome(`${url}&response-content-type=text%2Fhtml`), mismatch, 'one parameter more');

    const known = knownS3(ctx.target);
    const request = { method: 'GET', path: `/${Bucket}/open`, headers: { host: known.s3.host } };
    const signedAt = (secondsAgo: number, expiresSeconds: number) => {
      const date = new Date(Date.now() - secondsAgo * 1_000);
      const query = presignedQuery(request, expiresSeconds, { credentials: known.credentials, date });
      return new URL(`${request.path}?${query}`, known.s3).href;
    };
    assert.deepEqual(await outcome(signedAt(30, 60)), [200, undefined], 'within its time');
    assert.deepEqual(await outcome(signedAt(120, 60)), [403, 'AccessDenied'], 'past its time');
    assert.deepEqual(await outcome(signedAt(-3_600, 60)), [403, 'AccessDenied'], 'before its time');
    const tooLong = [400, 'AuthorizationQueryParametersError'];
    assert.deepEqual(await outcome(signedAt(0, 604_801)), tooLong, 'for more than a week');
    assert.equal(await (await s3.getObject({ Bucket, Key: 'open' })).Body?.transformToString(), 'open');
  },
);
