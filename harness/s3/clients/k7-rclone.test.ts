/** rclone, which copies between stores and checks what it copied. */
import assert from 'node:assert/strict';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { knownS3, ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { Client, described, ownFolder } from './client.ts';
import { killInMidUpload, uploadOf } from './interrupted-upload.ts';
import { programs } from './programs.ts';
import { realClient } from './real-client.ts';
import { assertSameTree, fileCount, writeTree } from './tree.ts';

/** Small parts, so that a file of 20 MB has several. */
const inParts = ['--s3-upload-cutoff', '5M', '--s3-chunk-size', '5M'];

testCase(
  'K7',
  'rclone sync brings a tree up and down byte for byte, and rclone check agrees by what it reads',
  realClient,
  async (ctx) => {
    const rclone = await rcloneOf(ctx);
    const s3 = s3Of(ctx);
    const remote = `sextant:${await ownBucket(ctx, s3)}/a tree`;
    const source = await writeTree(ctx, join(rclone.home, 'source'));
    const target = join(rclone.home, 'target');
    await rclone.run('sync', ...inParts, source, remote);
    await rclone.run('check', source, remote);
    await rclone.run('check', '--download', source, remote);
    await rclone.run('sync', remote, target);
    await assertSameTree(target, source);
    assert.equal((await figuresOf(rclone, 'sync', ...inParts, source, remote)).transfers, 0);

    await rm(join(source, 'nested/empty'));
    await appendFile(join(source, 'one byte'), 'and more');
    assert.equal((await rclone.end('check', source, remote)).code, 1);
    assert.equal((await figuresOf(rclone, 'sync', ...inParts, source, remote)).transfers, 1);
    await rclone.run('check', '--download', source, remote);
  },
);

testCase(
  'K8',
  'rclone copies within the store without a download, moves, and empties what it is told to',
  realClient,
  async (ctx) => {
    const rclone = await rcloneOf(ctx);
    const s3 = s3Of(ctx);
    const [from, to] = [await ownBucket(ctx, s3), await ownBucket(ctx, s3, { label: 'b' })];
    const source = await writeTree(ctx, join(rclone.home, 'source'));
    await rclone.run('copy', ...inParts, source, `sextant:${from}`);
    // A copy beyond the cutoff goes part by part.
    const copy = ['copy', '--s3-copy-cutoff', '5M', ...inParts, `sextant:${from}`, `sextant:${to}`];
    const { transfers, serverSideCopies } = await figuresOf(rclone, ...copy);
    assert.deepEqual([transfers, serverSideCopies], [fileCount, fileCount]);
    await rclone.run('check', '--download', `sextant:${from}`, `sextant:${to}`);
    await rclone.run('move', `sextant:${to}`, `sextant:${to}/moved`, '--exclude', 'moved/**');
    await rclone.run('check', '--download', source, `sextant:${to}/moved`);
    await rclone.run('purge', `sextant:${to}/moved`);
    assert.equal(await rclone.run('lsf', '-R', `sextant:${to}`), '');
  },
);

testCase(
  'K9',
  'rclone that was killed leaves no object; it repeats, and cleans up what it left',
  realClient,
  async (ctx) => {
    const rclone = await rcloneOf(ctx);
    const s3 = s3Of(ctx);
    const bucket = await ownBucket(ctx, s3);
    const source = await writeTree(ctx, join(rclone.home, 'source'));
    const copy = ['copy', ...inParts, join(source, 'large'), `sextant:${bucket}`];
    await killInMidUpload(ctx, s3, bucket, rclone.start(...copy, '--bwlimit', '4M', '--s3-upload-concurrency', '2'));
    await rclone.run(...copy);
    await rclone.run('check', '--download', join(source, 'large'), `sextant:${bucket}`);
    assert.ok((await uploadOf(s3, bucket)) !== undefined, 'the upload that was left has gone by itself');
    await rclone.run('backend', 'cleanup', `sextant:${bucket}`, '-o', 'max-age=0s');
    assert.equal(await uploadOf(s3, bucket), undefined);
  },
);

/** With the settings that docs/s3-clients.md names. */
async function rcloneOf(ctx: CaseContext): Promise<Client> {
  const program = await programs.rclone();
  const home = await ownFolder(ctx);
  const { s3, credentials } = knownS3(ctx.target);
  const settings = {
    type: 's3',
    provider: 'Other',
    endpoint: s3.origin,
    region: 'us-east-1',
    access_key_id: credentials.accessKey,
    secret_access_key: credentials.secretKey,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  await mkdir(join(home, '.config/rclone'), { recursive: true });
  await writeFile(join(home, '.config/rclone/rclone.conf'), ['[sextant]', ...lines, ''].join('\n'));
  // Else it takes two names for one that differ in how a letter is composed.
  return new Client(ctx, { program, home, env: { RCLONE_NO_UNICODE_NORMALIZATION: 'true' } });
}

interface Figures {
  readonly transfers: number;
  readonly serverSideCopies: number;
}

/** What a command did, as rclone counts it. */
async function figuresOf(rclone: Client, ...args: string[]): Promise<Figures> {
  const ended = await rclone.end(...args, '--use-json-log', '--stats-log-level', 'NOTICE', '--stats', '1h');
  assert.equal(ended.code, 0, described(ended));
  const last = ended.stderr.split('\n').findLast((line) => line.includes('"stats"'));
  assert.ok(last !== undefined, `rclone told no figures: ${ended.stderr}`);
  return JSON.parse(last).stats;
}
