/** The packages that the project stands on: each pinned, each with a reason, none tied to one registry. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { complaint, files, lines, read } from './repository.ts';

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly overrides?: Record<string, unknown>;
}

const manifest = JSON.parse(read('package.json')) as Manifest;
const packages = { ...manifest.dependencies, ...manifest.devDependencies };

describe('packages', () => {
  test('every version is exact', () => {
    const places = Object.entries(packages).filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version));
    assert.equal(
      complaint(
        'Pin it: npm install --save-exact.',
        places.map(([name, version]) => `${name}: ${version}`),
      ),
      undefined,
    );
  });

  test('every package has a line of why in docs/decisions', () => {
    const records = files('.md').filter((file) => file.startsWith('docs/decisions/'));
    const reasons = records.flatMap((file) => lines(file).map(({ text }) => text));
    const given = (name: string) => reasons.some((line) => new RegExp(`^[|-] .*\`${name}\`.{20,}`).test(line));
    const places = Object.keys(packages).filter((name) => !given(name));
    assert.equal(
      complaint('Add "| `name` | why we need it |" to docs/decisions/0003-libraries.md:', places),
      undefined,
    );
  });

  test('no reason is left for a package that went', () => {
    const named = lines('docs/decisions/0003-libraries.md').flatMap(({ at, text }) => {
      const name = /^\| `([^`]+)` \|/.exec(text)?.[1];
      return name === undefined || name in packages ? [] : [`${at}: ${name}`];
    });
    assert.equal(complaint('Delete the line:', named), undefined);
  });

  test('the lock file names no registry', () => {
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { resolved?: string }> };
    const places = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined);
    assert.equal(
      complaint(
        'Install with the .npmrc of this repository (omit-lockfile-registry-resolved):',
        places.map(([name]) => name),
      ),
      undefined,
    );
  });

  // A registry that lacks the packages of other platforms makes npm leave them out of the lock file in silence, and
  // npm ci refuses such a file. An entry without a checksum is enough for it: {version, os, cpu, optional: true}.
  test('the lock file has an entry for every platform of a package with native parts', () => {
    const { packages: locked } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const wanted = Object.values(locked).flatMap((entry) => Object.entries(entry.optionalDependencies ?? {}));
    const missing = wanted.filter(([name]) => !Object.keys(locked).some((key) => key.endsWith(`node_modules/${name}`)));
    assert.equal(
      complaint(
        'Add {"version", "os", "cpu", "optional": true} under "node_modules/<name>", or npm ci fails elsewhere:',
        missing.map(([name, version]) => `${name}: ${version}`),
      ),
      undefined,
    );
  });
});
