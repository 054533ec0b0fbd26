/** Any range gives just its bytes, of small objects, striped ones and those of several parts. */
import assert from 'node:assert/strict';
import { ownBucket, plainS3Of, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { assertSameBytes, contentOf } from '../content.ts';
import { overS3 } from '../over-s3.ts';
import { putInParts } from '../put-in-parts.ts';
import { KiB, MiB, partBytesMin } from '../sizes.ts';

testCase('S31', 'any range gives just its bytes, also across stripe units and parts', overS3, async (ctx) => {
  const s3 = s3Of(ctx);
  const plain = plainS3Of(ctx);
  const bucket = await ownBucket(ctx, s3);
  const contents = [contentOf(ctx, 'row', 9_000), contentOf(ctx, 'striped', 7 * MiB + 5)];
  for (const [index, Body] of contents.entries()) await s3.putObject({ Bucket: bucket, Key: `k${index}`, Body });
  const parts = [contentOf(ctx, 'p1', partBytesMin), contentOf(ctx, 'p2', partBytesMin + 3), contentOf(ctx, 'p3', 10)];
  await putInParts(s3, { Bucket: bucket, Key: 'k2' }, parts);
  contents.push(Buffer.concat(parts));
  const borders = [0, 4 * KiB, 256 * KiB, MiB, partBytesMin, 2 * partBytesMin + 3];

  for (const [index, content] of contents.entries()) {
    for (let n = 0; n < 25; n++) {
      const anywhere = () => ctx.choices.int(0, content.length - 1);
      const nearBorder = () =>
        Math.max(0, Math.min(content.length - 1, ctx.choices.pick(borders) + ctx.choices.int(-2, 2)));
      const [a, b] = [
        ctx.choices.chance(50) ? anywhere() : nearBorder(),
        ctx.choices.chance(50) ? anywhere() : nearBorder(),
      ];
      const [first, last] = [Math.min(a, b), Math.max(a, b)];
      const range = `bytes=${first}-${last}`;
      const answer = await plain.send({ method: 'GET', bucket, key: `k${index}`, headers: { range } });
      assert.equal(answer.status, 206);
      assert.equal(answer.headers['content-range'], `bytes ${first}-${last}/${content.length}`);
      assertSameBytes(answer.body, content.subarray(first, last + 1), `${range} of k${index}`);
    }
  }
});

testCase('S32', 'open, suffix and impossible ranges are answered by RFC 9110', overS3, async (ctx) => {
  const plain = plainS3Of(ctx);
  const bucket = await ownBucket(ctx, s3Of(ctx));
  const content = contentOf(ctx, 'thousand', 1_000);
  await plain.send({ method: 'PUT', bucket, key: 'thousand', body: content });
  await plain.send({ method: 'PUT', bucket, key: 'empty', body: Buffer.alloc(0) });
  const ask = (range: string, key = 'thousand', method = 'GET') =>
    plain.send({ method, bucket, key, headers: { range } });

  const partial: [range: string, first: number, last: number][] = [
    ['bytes=0-0', 0, 0],
    ['bytes=990-', 990, 999],
    ['bytes=-10', 990, 999],
    ['bytes=-2000', 0, 999],
    ['bytes=5-99999999999', 5, 999],
  ];
  for (const [range, first, last] of partial) {
    const { status, headers, body } = await ask(range);
    assert.deepEqual([status, headers['content-range']], [206, `bytes ${first}-${last}/1000`], range);
    assertSameBytes(body, content.subarray(first, last + 1), range);
    const head = await ask(range, 'thousand', 'HEAD');
    assert.deepEqual([head.status, head.headers['content-length']], [206, String(last - first + 1)], `HEAD ${range}`);
  }
  for (const [range, key] of [
    ['bytes=1000-', 'thousand'],
    ['bytes=1000-1001', 'thousand'],
    ['bytes=-0', 'thousand'],
    ['bytes=0-', 'empty'],
    ['bytes=-5', 'empty'],
  ] as const) {
    const { status, body } = await ask(range, key);
    assert.deepEqual([status, /<Code>(\w+)</.exec(body.toString())?.[1]], [416, 'InvalidRange'], `${range} of ${key}`);
  }
  // What is no range, or more than one, is passed over: the whole object is the answer.
  for (const range of ['bytes=5-4', 'bytes=a-b', 'bytes=', 'lines=1-2', 'bytes=0-1,5-6', '0-5']) {
    const { status, body } = await ask(range);
    assert.deepEqual([status, body.length], [200, 1_000], range);
  }
});
