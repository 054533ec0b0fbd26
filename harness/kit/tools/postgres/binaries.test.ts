import assert from 'node:assert/strict';
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureCopy, installedBinaries } from './binaries.ts';
import { parsePasswd } from './identity.ts';

async function parentOfCopies(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'sextant-binaries-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test('copies made at the same time leave one whole copy that everyone may read and nobody else may change', async () => {
  await using parent = await parentOfCopies();
  const copy = join(parent.path, 'postgres');
  const source = installedBinaries().dir;
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => ensureCopy(source, copy))), [undefined, undefined, undefined]);
  assert.deepEqual(await readdir(parent.path), ['postgres']);
  assert.equal((await lstat(copy)).mode & 0o777, 0o755);
  assert.equal((await lstat(join(copy, 'bin', 'postgres'))).mode & 0o777, 0o755);
  assert.ok((await lstat(join(copy, 'lib', 'libicuuc.so.60'))).isSymbolicLink());
});

test('a copy that lost a file or a part of one is replaced', async () => {
  await using parent = await parentOfCopies();
  const copy = join(parent.path, 'postgres');
  const source = installedBinaries().dir;
  await ensureCopy(source, copy);
  const whole = (await lstat(join(copy, 'bin', 'postgres'))).size;
  await rm(join(copy, 'share'), { recursive: true });
  await truncate(join(copy, 'bin', 'postgres'), 1000);
  assert.equal(await ensureCopy(source, copy), undefined);
  assert.equal((await lstat(join(copy, 'bin', 'postgres'))).size, whole);
  assert.ok((await readdir(copy)).includes('share'));
  assert.deepEqual(await readdir(parent.path), ['postgres']);
});

test('a folder that others may write to is never used', async () => {
  await using parent = await parentOfCopies();
  const copy = join(parent.path, 'postgres');
  await mkdir(copy);
  // Only root can give a folder away; anyone can open one to the world.
  if (process.getuid?.() === 0) await chown(copy, 65_534, 65_534);
  else await chmod(copy, 0o777);
  assert.match((await ensureCopy(installedBinaries().dir, copy)) ?? '', /another user, or others may write/);
  assert.deepEqual(await readdir(copy), []);
});

test('users are read from the passwd file, and root is not offered', () => {
  const users = parsePasswd('root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533:nobody:/:/bin/false\n\n');
  assert.deepEqual([...users], [['nobody', { uid: 65_534, gid: 65_533 }]]);
});
