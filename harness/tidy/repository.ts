import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder that holds package.json. */
export const root = path.resolve(import.meta.dirname, '../..');

/** Folders that the project does not write by hand. */
const notOurs = new Set(['node_modules', '.git', '.sextant', 'runs', 'coverage', 'gen']);

/** Paths of every file of the repository, relative to its root, with forward slashes, in order. */
export function files(...suffixes: string[]): string[] {
  const found: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const relative = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !notOurs.has(entry.name)) walk(relative);
      if (entry.isFile() && (suffixes.length === 0 || suffixes.some((suffix) => relative.endsWith(suffix)))) {
        found.push(relative);
      }
    }
  };
  walk('');
  return found.sort();
}

export function read(relative: string): string {
  return readFileSync(path.join(root, relative), 'utf8');
}

/** A line of a file, as a person would be pointed to it. */
export interface Line {
  readonly at: string;
  readonly text: string;
}

export function lines(relative: string): Line[] {
  return read(relative)
    .split('\n')
    .map((text, index) => ({ at: `${relative}:${index + 1}`, text }));
}

/** The sentences of a failure: what to do instead, then every place. Undefined when there is none. */
export function complaint(instead: string, places: readonly string[]): string | undefined {
  return places.length === 0 ? undefined : `${instead}\n  ${places.join('\n  ')}`;
}
