import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../kit/cluster/repository.ts';

export const coverageLinesMin = 85;

/** Where every process writes what it ran; each Node process that sees NODE_V8_COVERAGE does. */
export function rawCoverageDir(reportDir: string): string {
  return join(reportDir, 'coverage', 'raw');
}

/**
 * Reports the lines of system/ that any process of the run has executed: tests and the services they spawned.
 * Type stripping keeps every position, so no source map is involved. False when fewer than 85 % are covered.
 */
export async function reportCoverage(reportDir: string): Promise<boolean> {
  const raw = rawCoverageDir(reportDir);
  if (!existsSync(raw)) return false;
  const c8 = join(repositoryRoot, 'node_modules/c8/bin/c8.js');
  const args = [
    ...['report', '--temp-directory', raw, '--reports-dir', join(reportDir, 'coverage')],
    ...['--reporter', 'text-summary', '--reporter', 'lcov', '--reporter', 'html'],
    ...['--all', '--src', 'system', '--include', 'system/**/*.ts'],
    ...['--exclude', '**/*.test.ts', '--exclude', '**/*.fixture.ts'],
    ...['--check-coverage', '--lines', String(coverageLinesMin)],
  ];
  const { NODE_V8_COVERAGE: _, ...environment } = process.env;
  const child = spawn(process.execPath, [c8, ...args], { cwd: repositoryRoot, env: environment, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code === 0;
}
