/** An error that a client can act on names what, where and in which request. What is not there yet must say so. */
import assert from 'node:assert/strict';
import { ownBucket, plainS3Of, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { overS3 } from '../over-s3.ts';

testCase(
  'S71',
  'every answer has a request id, and an error document tells code, message, resource and the same id',
  overS3,
  async (ctx) => {
    const plain = plainS3Of(ctx);
    const bucket = await ownBucket(ctx, s3Of(ctx));
    const ids = new Set<unknown>();
    for (const [method, key, status, code] of [
      ['PUT', 'there', 200, null],
      ['GET', 'there', 200, null],
      ['GET', 'absent', 404, 'NoSuchKey'],
    ] as const) {
      const body = method === 'PUT' ? { body: Buffer.from('x') } : {};
      const answer = await plain.send({ method, bucket, key, ...body });
      const text = answer.body.toString();
      assert.equal(answer.status, status, text);
      const id = answer.headers['x-amz-request-id'];
      assert.match(String(id), /^\S{8,}$/);
      assert.ok(answer.headers['x-amz-id-2'] && answer.headers.date);
      ids.add(id);
      if (code === null) continue;
      assert.match(String(answer.headers['content-type']), /^application\/xml/);
      assert.match(text, /^<\?xml version="1.0" encoding="UTF-8"\?>\s*<Error>/);
      const element = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)?.[1];
      assert.deepEqual(
        [element('Code'), element('Key'), element('Resource'), element('RequestId')],
        [code, key, `/${bucket}/${key}`, id],
      );
      assert.ok(element('Message') && element('HostId'));
    }
    assert.equal(ids.size, 3, 'no two requests have one id');
  },
);

testCase('S72', 'an error to HEAD has the status and no body', overS3, async (ctx) => {
  const plain = plainS3Of(ctx);
  const bucket = await ownBucket(ctx, s3Of(ctx));
  for (const place of [{ bucket, key: 'absent' }, { bucket: `${bucket}-absent` }]) {
    const { status, body, headers } = await plain.send({ method: 'HEAD', ...place });
    assert.deepEqual([status, body.length], [404, 0]);
    assert.ok(headers['x-amz-request-id']);
  }
});

const notThereYet: [method: string, query: string, key?: string][] = [
  ...[
    'policy',
    'lifecycle',
    'cors',
    'encryption',
    'website',
    'logging',
    'notification',
    'replication',
    'tagging',
  ].flatMap((query): [string, string][] => [
    ['GET', query],
    ['PUT', query],
  ]),
  ...[
    'object-lock',
    'ownershipControls',
    'publicAccessBlock',
    'accelerate',
    'requestPayment',
    'inventory',
    'analytics',
    'metrics',
  ].flatMap((query): [string, string][] => [
    ['GET', query],
    ['PUT', query],
  ]),
  ['GET', 'tagging', 'key'],
  ['PUT', 'tagging', 'key'],
  ['PUT', 'legal-hold', 'key'],
  ['PUT', 'retention', 'key'],
  ['POST', 'restore', 'key'],
  ['POST', 'select&select-type=2', 'key'],
  ['GET', 'torrent', 'key'],
];

testCase('S73', 'what is not there yet is answered by NotImplemented, not by something else', overS3, async (ctx) => {
  const plain = plainS3Of(ctx);
  const s3 = s3Of(ctx);
  const bucket = await ownBucket(ctx, s3);
  await s3.putObject({ Bucket: bucket, Key: 'key', Body: 'stays' });
  for (const [method, query, key] of notThereYet) {
    const body = method === 'GET' ? {} : { body: Buffer.from('<Configuration/>') };
    const answer = await plain.send({ method, bucket, query, ...(key === undefined ? {} : { key }), ...body });
    const code = /<Code>(\w+)</.exec(answer.body.toString())?.[1];
    assert.deepEqual([answer.status, code], [501, 'NotImplemented'], `${method} ${key ?? ''}?${query}`);
  }
  const asked = [
    { 'x-amz-tagging': 'a=b' },
    { 'x-amz-server-side-encryption': 'AES256' },
    { 'x-amz-object-lock-mode': 'GOVERNANCE' },
  ];
  for (const headers of asked) {
    const answer = await plain.send({ method: 'PUT', bucket, key: 'key', headers, body: Buffer.from('changed') });
    const code = /<Code>(\w+)</.exec(answer.body.toString())?.[1];
    assert.deepEqual([answer.status, code], [501, 'NotImplemented'], JSON.stringify(headers));
  }
  assert.equal(await (await s3.getObject({ Bucket: bucket, Key: 'key' })).Body?.transformToString(), 'stays');
});
