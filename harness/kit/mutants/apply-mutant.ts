import { readFileSync } from 'node:fs';
import { cp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stopOnSignal } from '../cluster/exit-guard.ts';
import { type EntryPoints, entryPointsIn, repositoryRoot } from '../cluster/repository.ts';
import { scratchDir, sweepScratch } from '../cluster/scratch.ts';
import { applyPatch } from './apply-patch.ts';
import { isCalled, mutantsDir, readMutants } from './mutant.ts';

/** A copy of the tree with a planted bug. Disposing it removes it, and so does a signal that ends the harness. */
export interface MutatedTree extends AsyncDisposable {
  readonly dir: string;
  /** For `startCluster`: the services of the copy. */
  readonly entryPoints: EntryPoints;
}

/** All that the services and the suites are made of. */
const copied = ['system', 'proto', 'harness', 'package.json', 'tsconfig.json'];

/** Plants the bug of that name, with or without its number. Throws PatchFailed, and an Error where there is none. */
export async function applyMutant(name: string, from = mutantsDir): Promise<MutatedTree> {
  const mutant = readMutants(from).find((one) => isCalled(one, name));
  if (mutant === undefined) throw new Error(`there is no mutant ${name} in ${from}`);
  const patched = applyPatch(mutant.patch, (file) => readFileSync(join(repositoryRoot, file), 'utf8'));
  const dir = await scratchDir('mutant');
  const planted = plant(dir, patched);
  let removed: Promise<void> | undefined;
  const remove = () => {
    removed ??= planted
      .catch(() => undefined)
      // A run in the copy that had to be killed leaves its processes there.
      .then(() => sweepScratch(dir))
      .then(() => rm(dir, { recursive: true, force: true }))
      .finally(forgetStopper);
    return removed;
  };
  const forgetStopper = stopOnSignal(remove, 'last');
  try {
    await planted;
  } catch (error) {
    await remove();
    throw error;
  }
  return { dir, entryPoints: entryPointsIn(dir), [Symbol.asyncDispose]: remove };
}

async function plant(dir: string, patched: ReadonlyMap<string, string>): Promise<void> {
  for (const path of copied) await cp(join(repositoryRoot, path), join(dir, path), { recursive: true });
  await symlink(join(repositoryRoot, 'node_modules'), join(dir, 'node_modules'));
  for (const [file, text] of patched) await writeFile(join(dir, file), text);
}
