import { readFileSync } from 'node:fs';
import { cp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EntryPoints, entryPointsIn, repositoryRoot } from '../cluster/repository.ts';
import { scratchDir } from '../cluster/scratch.ts';
import { applyPatch } from './apply-patch.ts';
import { allMutants, isCalled, type Mutant } from './mutant.ts';

/** A copy of the tree with a planted bug. Disposing it removes it. */
export interface MutatedTree extends AsyncDisposable {
  readonly dir: string;
  /** For `startCluster`: the services of the copy. */
  readonly entryPoints: EntryPoints;
}

/** All that the services and the suites are made of. */
const copied = ['system', 'proto', 'harness', 'package.json', 'tsconfig.json'];

/** Throws PatchFailed, and an Error where there is no mutant of that name. */
export async function applyMutant(name: string): Promise<MutatedTree> {
  const mutant = allMutants().find((one) => isCalled(one, name));
  if (mutant === undefined) throw new Error(`there is no mutant ${name} in harness/mutants`);
  return plant(mutant);
}

export async function plant({ patch }: Pick<Mutant, 'patch'>): Promise<MutatedTree> {
  const patched = applyPatch(patch, (file) => readFileSync(join(repositoryRoot, file), 'utf8'));
  const dir = await scratchDir('mutant');
  for (const path of copied) await cp(join(repositoryRoot, path), join(dir, path), { recursive: true });
  await symlink(join(repositoryRoot, 'node_modules'), join(dir, 'node_modules'));
  for (const [file, text] of patched) await writeFile(join(dir, file), text);
  return {
    dir,
    entryPoints: entryPointsIn(dir),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
