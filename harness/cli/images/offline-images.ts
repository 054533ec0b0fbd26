import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { docker, runProgram } from '../../kit/tools/containers/docker-cli.ts';
import { type BaseImage, imageNames } from '../../kit/tools/containers/image-names.ts';
import { installedBinaries } from '../../kit/tools/postgres/binaries.ts';
import { toxiproxyBinary } from '../../kit/tools/toxiproxy/binary.ts';
import { BuildContext, debianMirror } from './build-context.ts';

const buildDeadlineMs = 600_000;
const recipes = 'deploy/images/offline';

interface Recipe {
  readonly file: string;
  readonly fill: (context: BuildContext) => Promise<void>;
}

const entrypoint = `${recipes}/docker-entrypoint.sh`;

const built: Record<Exclude<BaseImage, 'debian'>, Recipe> = {
  node: {
    file: 'node.Dockerfile',
    fill: (context) => copyFile(process.execPath, join(context.dir, 'node')),
  },
  postgres18: {
    file: 'postgres-18.Dockerfile',
    fill: async (context) => {
      await context.add(entrypoint, 'docker-entrypoint.sh');
      await context.add(relative(repositoryRoot, installedBinaries().dir), 'native');
    },
  },
  postgres15: {
    file: 'postgres-15.Dockerfile',
    fill: async (context) => {
      await context.add(entrypoint, 'docker-entrypoint.sh');
      await context.addPackageSources();
    },
  },
  redis: { file: 'redis.Dockerfile', fill: (context) => context.addPackageSources() },
  toxiproxy: {
    file: 'toxiproxy.Dockerfile',
    fill: async (context) => copyFile(await toxiproxyBinary(), join(context.dir, 'toxiproxy-server')),
  },
};

/** Builds a base image under its usual name from packages; all but debian and toxiproxy stand on debian. */
export async function buildOffline(image: BaseImage): Promise<void> {
  if (image === 'debian') return importDebian();
  const { file, fill } = built[image];
  await using context = await BuildContext.make();
  await context.add(`${recipes}/${file}`, 'Dockerfile');
  await fill(context);
  // The host's network: what reaches the packages' mirrors from here may not do so from a bridge.
  await docker(['build', '--network', 'host', '-q', '-t', imageNames[image], context.dir], buildDeadlineMs);
}

async function importDebian(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'sextant-debian-'));
  try {
    const root = join(dir, 'root');
    const mirror = await debianMirror();
    const args = ['--variant=minbase', 'bookworm', root, ...(mirror === undefined ? [] : [mirror])];
    await runProgram('debootstrap', args, { deadlineMs: buildDeadlineMs });
    const leftOut = ['var/cache/apt/archives/*.deb', 'var/lib/apt/lists/*', 'usr/share/doc/*', 'usr/share/man/*'];
    const exclude = leftOut.map((path) => `--exclude=./${path}`);
    const tar = spawn('tar', ['-C', root, '--numeric-owner', ...exclude, '-c', '.'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await docker(['import', '--change', 'CMD ["bash"]', '-', imageNames.debian], buildDeadlineMs, tar.stdout);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
