/**
 * boto3, on which much of what is written in Python for S3 stands. A failure means that such programs lose, damage or cannot
 * find what they stored.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { assertSameBytes, contentOf } from '../content.ts';
import { MiB } from '../sizes.ts';
import { awsEnvironment } from './aws-environment.ts';
import { Client, ownFolder } from './client.ts';
import { killInMidUpload } from './interrupted-upload.ts';
import { programs } from './programs.ts';
import { realClient } from './real-client.ts';
import { assertSameTree, writeTree } from './tree.ts';

testCase('K1', "boto3's transfer manager brings a tree up and down byte for byte", realClient, async (ctx) => {
  const python = await boto3(ctx);
  const bucket = await ownBucket(ctx, s3Of(ctx));
  const source = await writeTree(ctx, join(python.home, 'source'));
  const target = join(python.home, 'target');
  await python.run(script('transfer'), bucket, source, target);
  await assertSameTree(target, source);
});

testCase('K2', 'what boto3 sends with a checksum is held to it, and comes back with it', realClient, async (ctx) => {
  const python = await boto3(ctx);
  const bucket = await ownBucket(ctx, s3Of(ctx));
  await python.run(script('checksums'), bucket, await writeLargeFile(ctx, python.home));
});

testCase(
  'K3',
  'an upload whose boto3 was killed is found by another process, which sends only what is missing',
  realClient,
  async (ctx) => {
    const python = await boto3(ctx);
    const s3 = s3Of(ctx);
    const bucket = await ownBucket(ctx, s3);
    const file = await writeLargeFile(ctx, python.home);
    await killInMidUpload(ctx, s3, bucket, python.start(script('slow_upload'), bucket, 'resumed', file));
    await python.run(script('resume'), bucket, 'resumed', file);
    assertSameBytes(await readFile(`${file}.back`), await readFile(file), 'the resumed upload');
  },
);

async function boto3(ctx: CaseContext): Promise<Client> {
  const program = await programs.pythonWithBoto3();
  return new Client(ctx, { program, home: await ownFolder(ctx), env: awsEnvironment(ctx.target) });
}

function script(name: string): string {
  return join(import.meta.dirname, 'boto3', `${name}.py`);
}

async function writeLargeFile(ctx: CaseContext, home: string): Promise<string> {
  const file = join(home, 'large');
  await writeFile(file, contentOf(ctx, 'large', 20 * MiB + 3));
  return file;
}
