/** restic, to which backups are entrusted: it reads everything back, and nothing it finds missing or damaged goes unnoticed. */
import assert from 'node:assert/strict';
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { knownS3, ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { Client, described, ownFolder } from './client.ts';
import { programs } from './programs.ts';
import { realClient } from './real-client.ts';
import { assertSameTree, writeTree } from './tree.ts';

testCase('K13', 'restic backs up, checks all it stored, and restores it byte for byte', realClient, async (ctx) => {
  const restic = await resticOf(ctx, await ownBucket(ctx, s3Of(ctx)));
  const source = await writeTree(ctx, join(restic.home, 'source'));
  await restic.run('init');
  await restic.run('backup', source);
  await rm(join(source, 'nested/empty'));
  await appendFile(join(source, 'one byte'), 'and more');
  await restic.run('backup', source);
  assert.equal(JSON.parse(await restic.run('snapshots', '--json')).length, 2);
  await restic.run('check', '--read-data');
  await restic.run('restore', 'latest', '--target', join(restic.home, 'target'));
  await assertSameTree(join(restic.home, 'target', source), source);

  await restic.run('forget', '--keep-last', '1', '--prune');
  await restic.run('check', '--read-data');
  assert.equal(JSON.parse(await restic.run('snapshots', '--json')).length, 1);
});

testCase('K14', 'a backup that was killed harms nothing: the next one is whole', realClient, async (ctx) => {
  const s3 = s3Of(ctx);
  const Bucket = await ownBucket(ctx, s3);
  const restic = await resticOf(ctx, Bucket);
  const source = await writeTree(ctx, join(restic.home, 'source'));
  await restic.run('init');
  const backup = restic.start('backup', source, '--limit-upload', '4096', '--pack-size', '4');
  const wait = { what: 'the first pack of the backup', withinMs: 60_000, signal: ctx.signal };
  await until(wait, async () => ((await s3.listObjectsV2({ Bucket, Prefix: 'repo/data/' })).KeyCount ?? 0) > 0);
  backup.kill();
  const killed = await backup.ended;
  assert.equal(killed.signal, 'SIGKILL', `the backup ${described(killed)}`);
  assert.equal(JSON.parse(await restic.run('snapshots', '--json')).length, 0);

  await restic.run('unlock', '--remove-all');
  await restic.run('backup', source);
  await restic.run('prune');
  await restic.run('check', '--read-data');
  await restic.run('restore', 'latest', '--target', join(restic.home, 'target'));
  await assertSameTree(join(restic.home, 'target', source), source);
});

/** With the settings that docs/s3-clients.md names. */
async function resticOf(ctx: CaseContext, bucket: string): Promise<Client> {
  const program = await programs.restic();
  const { s3, credentials } = knownS3(ctx.target);
  const env = {
    RESTIC_REPOSITORY: `s3:${s3.origin}/${bucket}/repo`,
    RESTIC_PASSWORD: 'only for this case',
    AWS_ACCESS_KEY_ID: credentials.accessKey,
    AWS_SECRET_ACCESS_KEY: credentials.secretKey,
    AWS_DEFAULT_REGION: 'us-east-1',
  };
  return new Client(ctx, { program, home: await ownFolder(ctx), env });
}
