import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../cluster/repository.ts';
import type { Settings } from '../cluster/target.ts';
import type { CaseContext } from './case-context.ts';

const run = promisify(execFile);
const unmountCommand = 'umount';

/** A place for a node's data that fills up soon. */
export interface SmallDisk {
  /** What it is, for the report: a real filesystem, or only the node's own quota. */
  readonly kind: 'ext4' | 'tmpfs' | 'quota';
  readonly dataDir: string;
  /** For the node. */
  readonly settings: Settings;
}

/**
 * A filesystem of about `sizeBytes` of its own, where this machine allows it (mounting takes root): ext4 on a file,
 * which takes direct writes as real disks do, else memory. Otherwise a quota. It goes with the case.
 */
export async function smallDisk(ctx: CaseContext, sizeBytes: number): Promise<SmallDisk> {
  const parent = join(repositoryRoot, '.sextant', 'scratch');
  await mkdir(parent, { recursive: true });
  const dir = await mkdtemp(join(parent, 'small-disk-'));
  ctx.defer(() => rm(dir, { recursive: true, force: true }));
  const mountPoint = join(dir, 'mounted');
  await mkdir(mountPoint);
  const kind = await mount(ctx, dir, mountPoint, sizeBytes);
  const settings: Settings = kind === 'quota' ? { SEXTANT_NODE_QUOTA_BYTES: String(sizeBytes) } : {};
  return { kind, dataDir: join(mountPoint, 'node'), settings };
}

async function mount(ctx: CaseContext, dir: string, at: string, sizeBytes: number): Promise<SmallDisk['kind']> {
  const image = join(dir, 'image');
  const attempts = {
    ext4: async () => {
      await writeFile(image, '');
      await truncate(image, sizeBytes);
      await run('mkfs.ext4', ['-q', '-F', '-m', '0', image]);
      await run('mount', ['-o', 'loop', image, at]);
    },
    tmpfs: () => run('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', at]),
  };
  for (const [kind, attempt] of Object.entries(attempts)) {
    try {
      await attempt();
    } catch {
      continue;
    }
    unmountAtEnd(ctx, at);
    return kind as keyof typeof attempts;
  }
  return 'quota';
}

/** With the case, and at the latest with the process: a mount that stays would outlive both. */
function unmountAtEnd(ctx: CaseContext, at: string): void {
  const unmount = () => execFileSync(unmountCommand, ['--lazy', at], { stdio: 'ignore' });
  const onExit = () => {
    try {
      unmount();
    } catch {
      // The case has unmounted it.
    }
  };
  process.once('exit', onExit);
  ctx.defer(() => {
    process.off('exit', onExit);
    unmount();
  });
}
