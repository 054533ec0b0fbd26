/** The AWS command line, as people use it by hand and in scripts. */
import assert from 'node:assert/strict';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { assertSameBytes, contentOf } from '../content.ts';
import { awsEnvironment } from './aws-environment.ts';
import { Client, ownFolder } from './client.ts';
import { killInMidUpload, uploadOf } from './interrupted-upload.ts';
import { programs } from './programs.ts';
import { realClient } from './real-client.ts';
import { assertSameTree, fileCount, largeFile, writeTree } from './tree.ts';

testCase(
  'K4',
  'aws s3 sync brings a tree up and down byte for byte, then finds nothing to do, and follows what changes',
  realClient,
  async (ctx) => {
    const aws = await awsCli(ctx);
    const url = `s3://${await ownBucket(ctx, s3Of(ctx))}/a tree`;
    const source = await writeTree(ctx, join(aws.home, 'source'));
    const target = join(aws.home, 'target');
    await aws.run('s3', 'sync', '--no-progress', source, url);
    await aws.run('s3', 'sync', '--no-progress', url, target);
    await assertSameTree(target, source);
    assert.equal(await aws.run('s3', 'sync', '--no-progress', source, url), '');

    await rm(join(source, 'nested/empty'));
    await appendFile(join(source, 'one byte'), 'and more');
    await aws.run('s3', 'sync', '--no-progress', '--delete', source, url);
    await aws.run('s3', 'sync', '--no-progress', '--delete', url, target);
    await assertSameTree(target, source);
    assert.match(
      await aws.run('s3', 'ls', '--recursive', '--summarize', url),
      new RegExp(`Total Objects: ${fileCount - 1}\\n`),
    );
    await aws.run('s3', 'rm', '--recursive', url);
    assert.equal((await aws.end('s3', 'ls', url)).code, 1);
  },
);

testCase(
  'K5',
  'aws s3 cp that was killed leaves no object, and a second one stores it whole',
  realClient,
  async (ctx) => {
    const aws = await awsCli(ctx, ['max_concurrent_requests = 2', 'max_bandwidth = 4MB/s']);
    const s3 = s3Of(ctx);
    const bucket = await ownBucket(ctx, s3);
    const source = await writeTree(ctx, join(aws.home, 'source'));
    const file = join(source, largeFile);
    const url = `s3://${bucket}/large`;
    const { Key, UploadId } = await killInMidUpload(ctx, s3, bucket, aws.start('s3', 'cp', file, url));
    await aws.run('s3api', 'abort-multipart-upload', '--bucket', bucket, '--key', Key, '--upload-id', UploadId);
    assert.equal(await uploadOf(s3, bucket), undefined);
    await aws.run('s3', 'cp', '--no-progress', file, url);
    await aws.run('s3', 'cp', '--no-progress', url, join(aws.home, 'back'));
    assertSameBytes(await readFile(join(aws.home, 'back')), await readFile(file), largeFile);
  },
);

testCase(
  'K6',
  'a URL that aws s3 presign made by Signature V4 opens its object to anybody, and no other',
  realClient,
  async (ctx) => {
    const aws = await awsCli(ctx, ['signature_version = s3v4']);
    const bucket = await ownBucket(ctx, s3Of(ctx));
    const content = contentOf(ctx, 'shared', 100_000);
    const file = join(aws.home, 'shared');
    await writeFile(file, content);
    const url = `s3://${bucket}/open & shared+more/ünïcödé`;
    for (const target of [url, `s3://${bucket}/closed`]) await aws.run('s3', 'cp', '--no-progress', file, target);

    const presigned = (await aws.run('s3', 'presign', '--expires-in', '60', url)).trim();
    const answer = await fetch(presigned);
    assert.equal(answer.status, 200);
    assertSameBytes(await answer.bytes(), content, 'what the URL gives');
    const other = await refusalOf(presigned.replace(/\/open[^?]*/, '/closed'));
    assert.deepEqual([other.status, other.code], [403, 'SignatureDoesNotMatch']);

    // Its default for this region is Signature V2, which nobody should be left to wonder about.
    const old = (await (await awsCli(ctx)).run('s3', 'presign', url)).trim();
    const refused = await refusalOf(old);
    assert.deepEqual([refused.status, refused.code], [400, 'InvalidRequest']);
    assert.match(refused.message ?? '', /AWS4-HMAC-SHA256/);
  },
);

async function refusalOf(url: string) {
  const answer = await fetch(url);
  const text = await answer.text();
  return {
    status: answer.status,
    code: /<Code>(.*?)<\/Code>/.exec(text)?.[1],
    message: /<Message>(.*?)<\/Message>/.exec(text)?.[1],
  };
}

/** With small parts, so that a file of 20 MB has several, and with more settings of its section `s3`. */
async function awsCli(ctx: CaseContext, more: readonly string[] = []): Promise<Client> {
  const program = await programs.aws();
  const home = await ownFolder(ctx);
  const settings = ['multipart_threshold = 5MB', 'multipart_chunksize = 5MB', ...more].map((line) => `  ${line}`);
  await mkdir(join(home, '.aws'));
  await writeFile(join(home, '.aws/config'), ['[default]', 's3 =', ...settings, ''].join('\n'));
  return new Client(ctx, { program, home, env: awsEnvironment(ctx.target) });
}
