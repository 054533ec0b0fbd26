import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { isExecutable, toolCache } from './tool-cache.ts';
import { ToolMissing } from './tool-missing.ts';

export interface GoProgram {
  /** What it is called here. */
  readonly name: string;
  readonly version: string;
  /** The path of the package to build, without a version. */
  readonly source: string;
}

const buildDeadlineMs = 600_000;

/** Where the program is, as it was built before; null when it would have to be built. */
export async function builtGoProgram(program: GoProgram): Promise<string | null> {
  const file = join(folderOf(program), program.name);
  return (await isExecutable(file)) ? file : null;
}

/** The same, built by Go when it is not there: once for this checkout, some minutes. Throws ToolMissing. */
export async function goProgram(program: GoProgram): Promise<string> {
  return (await builtGoProgram(program)) ?? (await build(program));
}

async function build(program: GoProgram): Promise<string> {
  const { name, version, source } = program;
  const folder = folderOf(program);
  await mkdir(folder, { recursive: true });
  // Built aside and renamed, so that two runs at once never see half a program.
  const aside = await mkdtemp(join(folder, 'build-'));
  try {
    const env = { ...process.env, CGO_ENABLED: '0', GOBIN: aside };
    await promisify(execFile)('go', ['install', `${source}@v${version}`], { env, timeout: buildDeadlineMs });
    await rename(join(aside, basename(source)), join(folder, name));
    return join(folder, name);
  } catch (error) {
    throw new ToolMissing(`Go is needed to build ${name} (go install ${source}@v${version}): ${error}`);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

function folderOf({ name, version }: GoProgram): string {
  return join(toolCache, `${name}-${version}`);
}
