import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './repository.ts';

/** A file to show to the linter. */
export interface Snippet {
  readonly file: string;
  readonly code: string;
}

/**
 * Lints `snippets`, each at its path in an empty copy of the repository, under the repository's own rules.
 * Resolves with the errors found in each, as `rule: message`, in the order of the snippets.
 */
export async function lintSnippets(snippets: readonly Snippet[]): Promise<string[][]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sextant-lint-'));
  try {
    for (const part of ['biome.json', 'package.json', 'harness/tidy/lint']) {
      await cp(path.join(root, part), path.join(folder, part), { recursive: true });
    }
    const places = snippets.map(({ file }, index) => apart(file, index));
    for (const [index, { code }] of snippets.entries()) {
      const place = path.join(folder, places[index] ?? '');
      await mkdir(path.dirname(place), { recursive: true });
      await writeFile(place, `${code}\n`);
    }
    const errors = await lint(folder);
    return places.map((place) => errors.filter((error) => error.at === place).map((error) => error.text));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Snippets for one place go to files of their own: `a.ts` becomes `a-17.ts`, `a.test.ts` becomes `a-17.test.ts`. */
function apart(file: string, index: number): string {
  return file.replace(/\/a\.(?=[^/]*$)/, `/a-${index}.`);
}

async function lint(folder: string): Promise<{ at: string; text: string }[]> {
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '--colors=off', '.'];
  const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024, timeout: 60_000 };
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, options, (_error, stdout) => resolve(stdout));
  });
  const report = JSON.parse(output) as {
    diagnostics: { category: string; severity: string; message: string; location: { path: string } }[];
  };
  return report.diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ category, message, location }) => ({ at: location.path, text: `${category}: ${message}` }));
}
