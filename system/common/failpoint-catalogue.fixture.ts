import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FailpointCatalogue } from './failpoint-setting.ts';

/** The files below `folder` that reach each failpoint of the catalogue must be just the one that it names. */
export function assertEachIsReachedInItsFile(catalogue: FailpointCatalogue, folder: string): void {
  const sources = globSync('**/*.ts', { cwd: folder })
    .filter((file) => file !== 'failpoints.ts' && !/\.(?:test|fixture)\.ts$/.test(file))
    .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
  for (const [name, { file }] of Object.entries(catalogue)) {
    const found = sources.filter(({ text }) => text.includes(`'${name}'`)).map((source) => source.file);
    assert.deepEqual(found, [file], `${name} is said to be reached in ${file}`);
  }
}

/** The table of docs/failpoints.md under the heading `## ${title}` must be the catalogue. */
export function assertDocumented(catalogue: FailpointCatalogue, title: string): void {
  const document = readFileSync(new URL('../../docs/failpoints.md', import.meta.url), 'utf8');
  const section = document.split('\n## ').find((part) => part.startsWith(`${title}\n`)) ?? '';
  const rows = Object.entries(catalogue).map(([name, { file, state }]) => `| \`${name}\` | \`${file}\` | ${state} |`);
  assert.deepEqual(
    section.split('\n').filter((line) => line.startsWith('| `')),
    rows,
    `the table under "${title}" in docs/failpoints.md must read:\n${rows.join('\n')}\n`,
  );
}
