import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isExecutable, toolCache } from './tool-cache.ts';
import { ToolMissing } from './tool-missing.ts';

export interface PythonPackages {
  /** What the environment is for. */
  readonly name: string;
  /** All that goes in, each `name==version`: what is not named here is not installed. */
  readonly packages: readonly string[];
}

const installDeadlineMs = 300_000;

/** The folder of the programs of an environment that holds these packages, installed when it is not there. Throws ToolMissing. */
export async function pythonEnvironment(wanted: PythonPackages): Promise<string> {
  const digest = createHash('sha256').update(wanted.packages.join('\n')).digest('hex').slice(0, 12);
  const published = join(toolCache, `python-${wanted.name}-${digest}`);
  if (!(await isExecutable(join(published, 'bin/python')))) await install(wanted, published);
  return join(await realpath(published), 'bin');
}

/** The programs of an environment know its folder, so it cannot be renamed; what is published is a link to it. */
async function install({ name, packages }: PythonPackages, published: string): Promise<void> {
  await mkdir(toolCache, { recursive: true });
  const folder = await mkdtemp(`${published}-`);
  try {
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/pip'), ['install', '--quiet', '--no-deps', ...packages]);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new ToolMissing(
      `Python 3 with venv and pip is needed to install ${name} (pip install ${packages[0]}): ${error}`,
    );
  }
  // Renamed into place: where two runs meet, the later link wins, and both lead to all that is wanted.
  await symlink(folder, `${folder}.link`);
  await rename(`${folder}.link`, published);
}

function run(program: string, args: readonly string[]): Promise<unknown> {
  return promisify(execFile)(program, args, { timeout: installDeadlineMs });
}
