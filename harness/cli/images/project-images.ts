import { join } from 'node:path';
import { docker } from '../../kit/tools/containers/docker-cli.ts';
import { imageNames } from '../../kit/tools/containers/image-names.ts';
import {
  belongsInImage,
  imageRecipe,
  imageSources,
  projectImagesAreFresh,
  sourceHash,
  sourceLabel,
} from '../../kit/tools/containers/image-sources.ts';
import { BuildContext } from './build-context.ts';

const buildDeadlineMs = 600_000;
const targets = { gateway: imageNames.gateway, 'storage-node': imageNames.storageNode };

/** Builds the gateway's and the node's image, unless they are of these very sources. False: nothing was to do. */
export async function buildProjectImages({ isOffline }: { readonly isOffline: boolean }): Promise<boolean> {
  if (await projectImagesAreFresh()) return false;
  const label = `${sourceLabel}=${await sourceHash()}`;
  await using context = await BuildContext.make();
  for (const path of imageSources) await context.add(path, path, belongsInImage);
  if (isOffline) await context.addProductionModules();
  await context.add(imageRecipe);
  const recipe = join(context.dir, imageRecipe);
  for (const [target, name] of Object.entries(targets)) {
    const options = ['--network', 'host', '-q', '--label', label, '-f', recipe, '--target', target, '-t', name];
    await docker(['build', ...options, context.dir], buildDeadlineMs);
  }
  return true;
}
