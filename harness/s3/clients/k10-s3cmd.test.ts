/** s3cmd, which is older than most of S3 and still in many scripts. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { knownS3, ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { assertSameBytes, md5 } from '../content.ts';
import { Client, described, ownFolder } from './client.ts';
import { killInMidUpload, uploadOf } from './interrupted-upload.ts';
import { programs } from './programs.ts';
import { realClient } from './real-client.ts';
import { assertSameTree, largeFile, writeTree } from './tree.ts';

const inParts = '--multipart-chunk-size-mb=5';

testCase('K10', 's3cmd puts, lists, copies, moves, gets and deletes', realClient, async (ctx) => {
  const s3cmd = await s3cmdOf(ctx);
  const url = `s3://${await ownBucket(ctx, s3Of(ctx))}`;
  const source = await writeTree(ctx, join(s3cmd.home, 'source'));
  for (const name of ['empty', 'sixteen KiB and one', largeFile]) {
    const content = await readFile(join(source, name));
    await s3cmd.run('put', inParts, join(source, name), `${url}/put ünïcödé+`);
    assert.match(await s3cmd.run('info', `${url}/put ünïcödé+`), new RegExp(`File size: ${content.length}\\b`));
    await s3cmd.run('cp', `${url}/put ünïcödé+`, `${url}/copied`);
    await s3cmd.run('mv', `${url}/copied`, `${url}/moved/here`);
    await s3cmd.run('get', '--force', `${url}/moved/here`, join(s3cmd.home, 'back'));
    assertSameBytes(await readFile(join(s3cmd.home, 'back')), content, name);
    const listed = (await s3cmd.run('ls', '--recursive', '--list-md5', url)).trim().split('\n');
    assert.deepEqual(
      listed.map((line) => line.split('s3://')[1]?.split('/').slice(1).join('/')),
      ['moved/here', 'put ünïcödé+'],
    );
    assert.match(listed[0] as string, new RegExp(` ${content.length} +${md5(content).toString('hex')}|-\\d+ `));
    await s3cmd.run('del', '--recursive', '--force', url);
    assert.equal(await s3cmd.run('ls', '--recursive', url), '');
  }
});

testCase(
  'K11',
  's3cmd sync brings a tree up and down byte for byte, in parts of 5 MB, and follows what went',
  realClient,
  async (ctx) => {
    const s3cmd = await s3cmdOf(ctx);
    const url = `s3://${await ownBucket(ctx, s3Of(ctx))}/tree/`;
    const source = await writeTree(ctx, join(s3cmd.home, 'source'));
    const target = join(s3cmd.home, 'target');
    await s3cmd.run('sync', inParts, `${source}/`, url);
    await s3cmd.run('sync', url, `${target}/`);
    await assertSameTree(target, source);
    assert.doesNotMatch(await s3cmd.run('sync', inParts, `${source}/`, url), /upload: /);

    await rm(join(source, 'nested/empty'));
    await s3cmd.run('sync', inParts, '--delete-removed', `${source}/`, url);
    await s3cmd.run('sync', '--delete-removed', url, `${target}/`);
    await assertSameTree(target, source);
  },
);

testCase('K12', 'an upload whose s3cmd was killed goes on where it was, by --continue-put', realClient, async (ctx) => {
  const s3cmd = await s3cmdOf(ctx);
  const s3 = s3Of(ctx);
  const bucket = await ownBucket(ctx, s3);
  const source = await writeTree(ctx, join(s3cmd.home, 'source'));
  const put = ['put', inParts, join(source, largeFile), `s3://${bucket}/resumed`];
  const { UploadId, parts } = await killInMidUpload(ctx, s3, bucket, s3cmd.start(...put, '--limit-rate=4m'));
  assert.match(await s3cmd.run('multipart', `s3://${bucket}`), new RegExp(UploadId));
  const resumed = await s3cmd.end(...put, '--continue-put', `--upload-id=${UploadId}`);
  assert.equal(resumed.code, 0, described(resumed));
  // It says so of each part that it finds there with the right size and MD5.
  const skipped = resumed.stderr.match(/size and md5sum match .*, skipping/g) ?? [];
  assert.ok(skipped.length >= parts.length, `only ${skipped.length} of ${parts.length} parts were not sent again`);
  assert.equal(await uploadOf(s3, bucket), undefined);
  await s3cmd.run('get', `s3://${bucket}/resumed`, join(s3cmd.home, 'back'));
  assertSameBytes(await readFile(join(s3cmd.home, 'back')), await readFile(join(source, largeFile)), 'resumed');
});

/** With the settings that docs/s3-clients.md names. */
async function s3cmdOf(ctx: CaseContext): Promise<Client> {
  const program = await programs.s3cmd();
  const home = await ownFolder(ctx);
  const { s3, credentials } = knownS3(ctx.target);
  const settings = {
    access_key: credentials.accessKey,
    secret_key: credentials.secretKey,
    host_base: s3.host,
    // Without %(bucket)s in it, buckets are asked for in the path.
    host_bucket: s3.host,
    bucket_location: 'us-east-1',
    use_https: 'False',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  await writeFile(join(home, '.s3cfg'), ['[default]', ...lines, ''].join('\n'));
  return new Client(ctx, { program, home });
}
