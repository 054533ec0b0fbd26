import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { docker } from '../../kit/tools/containers/docker-cli.ts';
import { imageNames } from '../../kit/tools/containers/image-names.ts';
import { BuildContext } from './build-context.ts';

const recipe = 'deploy/images/Dockerfile';
const sources = ['package.json', 'package-lock.json', 'proto', 'system'];
/** Says of which sources an image was made. */
const sourceLabel = 'sextant.sources';
const buildDeadlineMs = 600_000;

/** Builds the gateway's and the node's image, unless they are of these very sources. False: nothing was to do. */
export async function buildProjectImages({ isOffline }: { readonly isOffline: boolean }): Promise<boolean> {
  const hash = await sourceHash();
  const format = `{{index .Config.Labels "${sourceLabel}"}}`;
  const ours = [imageNames.gateway, imageNames.storageNode];
  const present = await docker(['image', 'inspect', '--format', format, ...ours]).catch(() => '');
  if (present.trim() === `${hash}\n${hash}`) return false;
  await using context = await BuildContext.make();
  for (const path of [...sources, recipe]) await context.add(path);
  if (isOffline) await context.addProductionModules();
  for (const [target, name] of [
    ['gateway', imageNames.gateway] as const,
    ['storage-node', imageNames.storageNode] as const,
  ]) {
    const options = ['--network', 'host', '-q', '--label', `${sourceLabel}=${hash}`, '-f', join(context.dir, recipe)];
    await docker(['build', ...options, '--target', target, '-t', name, context.dir], buildDeadlineMs);
  }
  return true;
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of [...sources, recipe]) {
    for (const file of await filesBelow(source)) {
      hash.update(`${file}\0`);
      hash.update(await readFile(join(repositoryRoot, file)));
    }
  }
  return hash.digest('hex');
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(join(repositoryRoot, path), { recursive: true, withFileTypes: true }).catch(() => null);
  if (entries === null) return [path];
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return files.map((file) => file.slice(repositoryRoot.length + 1)).sort();
}
