import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { unlessAbsent } from '../../kit/tools/unless-absent.ts';

const prefix = 'sextant-image-';

/** A folder that a build may read, removed with its scope. */
export class BuildContext implements AsyncDisposable {
  readonly dir: string;

  static async make(): Promise<BuildContext> {
    return new BuildContext(await mkdtemp(join(tmpdir(), prefix)));
  }

  private constructor(dir: string) {
    this.dir = dir;
  }

  /** Copies a file or a folder of the repository, by default under its own path and whole. */
  async add(path: string, as = path, isWanted = (_: string) => true): Promise<void> {
    await mkdir(join(this.dir, as, '..'), { recursive: true });
    await cp(join(repositoryRoot, path), join(this.dir, as), {
      recursive: true,
      dereference: true,
      filter: isWanted,
    });
  }

  /** The packages that the services need, of those that are installed here. */
  async addProductionModules(): Promise<void> {
    const lock = JSON.parse(await readFile(join(repositoryRoot, 'package-lock.json'), 'utf8'));
    const packages = Object.entries(lock.packages as Record<string, { dev?: boolean; devOptional?: boolean }>);
    for (const [path, { dev, devOptional }] of packages) {
      const isTop = path.lastIndexOf('node_modules/') === 0;
      if (!isTop || dev || devOptional) continue;
      // What belongs to another platform is not installed.
      await this.add(path).catch(unlessAbsent);
    }
  }

  /** Where this machine's packages of Debian come from, and whom it trusts. Nothing by which it says who it is. */
  async addPackageSources(): Promise<void> {
    for (const name of ['sources.list', 'sources.list.d', 'keyrings', 'trusted.gpg.d', 'preferences.d']) {
      await cp(join('/etc/apt', name), join(this.dir, 'apt', name), { recursive: true }).catch(unlessAbsent);
    }
    await copyFile('/etc/ssl/certs/ca-certificates.crt', join(this.dir, 'certificates.crt'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** The first mirror of Debian that this machine uses; undefined when it names none. */
export async function debianMirror(): Promise<string | undefined> {
  const listed = await readdir('/etc/apt/sources.list.d').catch(() => []);
  const files = ['/etc/apt/sources.list', ...listed.sort().map((name) => join('/etc/apt/sources.list.d', name))];
  for (const file of files.filter((name) => /\.(list|sources)$/.test(name))) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const found = /^(?:URIs:|deb(?: \[[^\]]*\])?)\s+(https?:\/\/\S+\/debian)\/?(?:\s|$)/m.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}
