import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../../cluster/repository.ts';
import { docker } from './docker-cli.ts';
import { imageNames } from './image-names.ts';

export const imageRecipe = 'deploy/images/Dockerfile';
/** What the project's images are made of, as paths of the repository. */
export const imageSources = ['package.json', 'package-lock.json', 'proto', 'system'];
/** By which an image says of which sources it was made. */
export const sourceLabel = 'sextant.sources';

/** Tests stay out of the images. */
export function belongsInImage(path: string): boolean {
  return !/\.(test|fixture)\.ts$/.test(path);
}

/** Whether both images of the project are there and made of these very sources. */
export async function projectImagesAreFresh(): Promise<boolean> {
  const hash = await sourceHash();
  const format = `{{index .Config.Labels "${sourceLabel}"}}`;
  const labels = await docker([
    'image',
    'inspect',
    '--format',
    format,
    imageNames.gateway,
    imageNames.storageNode,
  ]).catch(() => '');
  return labels.trim() === `${hash}\n${hash}`;
}

export async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of [...imageSources, imageRecipe]) {
    for (const file of (await filesBelow(source)).filter(belongsInImage)) {
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
