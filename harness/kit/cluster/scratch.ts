import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endLeftovers, hasRecord, livingHarness, ProcessRecord } from './process-record.ts';
import { repositoryRoot } from './repository.ts';

/**
 * Folders whose content nobody keeps: the data of tests and of `--ephemeral` clusters. They lie beside the
 * default data folder, on a real disk, because the temporary folder of many systems is memory.
 */
const scratchRoot = scratchRootOf(repositoryRoot);

/** A folder without a record may be one that another harness is just making; after so long its maker has died over it. */
const unrecordedMs = 60_000;

/** A new empty folder of this process, recorded as such, so that a later run can tell that it was abandoned. */
export async function scratchDir(label: string): Promise<string> {
  mkdirSync(scratchRoot, { recursive: true, mode: 0o755 });
  const dir = await mkdtemp(join(scratchRoot, `${label}-`));
  new ProcessRecord(dir);
  return dir;
}

/** Ends the processes and removes the folders that killed runs of the harness in `repository` have left. Gives back the folders. */
export async function sweepScratch(repository = repositoryRoot): Promise<string[]> {
  const abandoned = scratchFolders(scratchRootOf(repository)).filter(isAbandoned);
  for (const dir of abandoned) {
    await endLeftovers(dir);
    await rm(dir, { recursive: true, force: true });
  }
  return abandoned;
}

function isAbandoned(dir: string): boolean {
  // Asked first: a record that comes between the two questions is that of a living harness.
  if (hasRecord(dir)) return livingHarness(dir) === undefined;
  return (statSync(dir, { throwIfNoEntry: false })?.mtimeMs ?? 0) < Date.now() - unrecordedMs;
}

function scratchRootOf(repository: string): string {
  return join(repository, '.sextant', 'scratch');
}

function scratchFolders(root: string): string[] {
  try {
    return readdirSync(root).map((name) => join(root, name));
  } catch {
    return [];
  }
}
