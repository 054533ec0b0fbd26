import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../cluster/repository.ts';

export const toxiproxyVersion = '2.12.0';
const source = `github.com/Shopify/toxiproxy/v2/cmd/server@v${toxiproxyVersion}`;
const program = 'toxiproxy-server';
const cacheDir = join(repositoryRoot, 'node_modules/.cache/sextant', `toxiproxy-${toxiproxyVersion}`);
const buildDeadlineMs = 600_000;

/** There is neither a Toxiproxy nor a Go to build one with. */
export class ToxiproxyMissing extends Error {
  override name = 'ToxiproxyMissing';
}

/** Where Toxiproxy's server is, on PATH or as it was built before; null when it would have to be built. */
export async function installedToxiproxy(): Promise<string | null> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), cacheDir];
  for (const folder of folders) {
    const file = join(folder, program);
    if (folder !== '' && (await isExecutable(file))) return file;
  }
  return null;
}

/** The same, built by Go when it is not there: once for this checkout, a minute or two. Throws ToxiproxyMissing. */
export async function toxiproxyBinary(): Promise<string> {
  return (await installedToxiproxy()) ?? (await build());
}

async function build(): Promise<string> {
  await mkdir(cacheDir, { recursive: true });
  // Built aside and renamed, so that two runs at once never see half a program.
  const aside = await mkdtemp(join(cacheDir, 'build-'));
  try {
    const env = { ...process.env, CGO_ENABLED: '0', GOBIN: aside };
    await promisify(execFile)('go', ['install', source], { env, timeout: buildDeadlineMs });
    await rename(join(aside, 'server'), join(cacheDir, program));
    return join(cacheDir, program);
  } catch (error) {
    throw new ToxiproxyMissing(`${program} is not on PATH, and Go could not build it (go install ${source}): ${error}`);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
