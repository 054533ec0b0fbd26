import { existsSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../../kit/cluster/repository.ts';

/** Plain tests beside the code, and the checks of the tree as a whole. */
export const unitSuite = 'unit';
const unitFolders = [
  'system',
  'proto',
  'harness/kit',
  'harness/cli',
  'harness/bench',
  'harness/report',
  'harness/tidy',
];

/** The folders of harness/ that hold cases: all that have test files and do not belong to `unit`. */
export async function caseSuites(suitesDir: string): Promise<string[]> {
  const folders = readdirSync(suitesDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => !unitFolders.includes(`harness/${name}`));
  const found: string[] = [];
  for (const name of folders.sort()) if ((await testFiles(join(suitesDir, name))).length > 0) found.push(name);
  return found;
}

export async function suiteFiles(suite: string, suitesDir: string): Promise<string[]> {
  if (suite !== unitSuite) return testFiles(join(suitesDir, suite));
  const perFolder = await Promise.all(unitFolders.map((folder) => testFiles(join(repositoryRoot, folder))));
  return perFolder.flat();
}

async function testFiles(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('/node_modules/'))
    .sort();
}
