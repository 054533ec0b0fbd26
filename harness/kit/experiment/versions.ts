import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { arch, cpus, release } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { repositoryRoot } from '../cluster/repository.ts';

/** `versions.json`: what a run ran on. */
export interface Versions {
  readonly sextant: string;
  /** Of the working copy; null where there is no git. */
  readonly commit: string | null;
  readonly node: string;
  readonly postgres: string;
  readonly platform: string;
}

export async function readVersions(databaseUrl: string): Promise<Versions> {
  const { version } = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')) as { version: string };
  return {
    sextant: version,
    commit: await commit(),
    node: process.version,
    postgres: await postgresVersion(databaseUrl),
    platform: `${process.platform} ${release()} ${arch()}, ${cpus().length} cores`,
  };
}

async function commit(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['describe', '--always', '--dirty', '--abbrev=40'], {
      cwd: repositoryRoot,
    });
    return stdout.trim();
  } catch {
    return null;
  }
}

async function postgresVersion(connectionString: string): Promise<string> {
  const client = new Client({ connectionString, application_name: 'sextant-harness' });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version ?? 'unknown';
  } finally {
    await client.end();
  }
}
