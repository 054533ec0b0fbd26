import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forgetChild, rememberChild, stopOnSignal } from '../../cluster/exit-guard.ts';
import { endLeftovers, hasRecord, livingHarness, ProcessRecord } from '../../cluster/process-record.ts';
import { until } from '../../testing/until.ts';
import { programOnPath } from '../tool-cache.ts';
import { ToolMissing } from '../tool-missing.ts';
import { runProgram } from './docker-cli.ts';
import { findEngine } from './engine.ts';

const installDeadlineMs = 300_000;
const readyWithinMs = 30_000;
const stopDeadlineMs = 20_000;
const umountDeadlineMs = 10_000;
/** Images and layers stay here from one run to the next. */
const dataRoot = process.env['SEXTANT_ENGINE_DATA'] ?? join(tmpdir(), 'sextant-engine-data');
const folderPrefix = 'sextant-engine-';
const packages = ['docker.io', 'iptables', 'debootstrap'];

/**
 * The engine that there is, or else one of our own, installed from Debian's packages if it must be and may be: as root.
 * Its own engine ends with its scope. Sets DOCKER_HOST for this process and its children. Throws ToolMissing.
 */
export async function useEngine({ mayInstall }: { readonly mayInstall: boolean }): Promise<AsyncDisposable> {
  const found = await findEngine();
  // What testcontainers would start to clean up after us is an image of its own; our containers go with their process.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
  if (found !== null) {
    process.env['DOCKER_HOST'] = found.host;
    return { [Symbol.asyncDispose]: async () => {} };
  }
  await installed(mayInstall);
  return OwnEngine.start();
}

async function installed(mayInstall: boolean): Promise<void> {
  if ((await programOnPath('dockerd')) !== null && (await programOnPath('docker')) !== null) {
    if (process.getuid?.() === 0) return;
    throw new ToolMissing('no container engine answers; start Docker, or name one in DOCKER_HOST');
  }
  const canInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  const howTo = `install Docker (on Debian: apt-get install ${packages.join(' ')}), or name an engine in DOCKER_HOST`;
  if (!canInstall) throw new ToolMissing(`no container engine is here: ${howTo}`);
  if (!mayInstall) throw new ToolMissing(`no container engine is here: ${howTo}, or say --install-engine`);
  const options = { deadlineMs: installDeadlineMs };
  await runProgram('apt-get', ['update', '-q'], options);
  await runProgram('apt-get', ['install', '-qy', '--no-install-recommends', ...packages], options);
}

class OwnEngine implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #dir: string;
  readonly #forgetStopper: () => void;

  static async start(): Promise<OwnEngine> {
    await endAbandoned();
    // The path of a socket may have 107 bytes, so it does not lie below the checkout.
    const dir = await mkdtemp(join(tmpdir(), folderPrefix));
    const record = new ProcessRecord(dir);
    mkdirSync(dataRoot, { recursive: true, mode: 0o711 });
    const host = `unix://${join(dir, 'docker.sock')}`;
    const log = openSync(join(dir, 'dockerd.log'), 'a');
    const paths = ['--data-root', dataRoot, '--exec-root', join(dir, 'exec'), '--pidfile', join(dir, 'pid')];
    const child = spawn('dockerd', [...paths, '-H', host], { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    if (child.pid !== undefined) record.add('dockerd', child.pid);
    await once(child, 'spawn');
    const engine = new OwnEngine(child, dir);
    process.env['DOCKER_HOST'] = host;
    try {
      const what = `the container engine to answer (its log: ${join(dir, 'dockerd.log')})`;
      await until({ what, withinMs: readyWithinMs }, () => {
        if (child.exitCode !== null)
          throw new ToolMissing(`dockerd ended with ${child.exitCode}; see ${dir}/dockerd.log`);
        return findEngine();
      });
    } catch (error) {
      await engine.#stop();
      throw new ToolMissing('the container engine does not start here', { cause: error });
    }
    return engine;
  }

  private constructor(child: ChildProcess, dir: string) {
    this.#child = child;
    this.#dir = dir;
    if (child.pid !== undefined) rememberChild(child.pid, 'dockerd');
    this.#forgetStopper = stopOnSignal(() => this[Symbol.asyncDispose](), 'last');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    delete process.env['DOCKER_HOST'];
    await removeFolder(this.#dir);
  }

  async #stop(): Promise<void> {
    this.#forgetStopper();
    const { pid } = this.#child;
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGTERM');
      const killer = setTimeout(() => this.#child.kill('SIGKILL'), stopDeadlineMs);
      await once(this.#child, 'exit');
      clearTimeout(killer);
    }
    if (pid !== undefined) forgetChild(pid);
  }
}

/** Ends the engines whose harness was killed: they would keep the images from every other. */
async function endAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const dir = join(tmpdir(), name);
    if (!name.startsWith(folderPrefix) || !(await isOurs(dir)) || !hasRecord(dir)) continue;
    if (livingHarness(dir) !== undefined) continue;
    await endLeftovers(dir);
    await removeFolder(dir);
  }
}

/** Anybody may put a folder there, with a record that names any process. */
async function isOurs(dir: string): Promise<boolean> {
  const found = await lstat(dir).catch(() => null);
  return found?.isDirectory() === true && found.uid === process.getuid?.();
}

async function removeFolder(dir: string): Promise<void> {
  // The engine leaves the network namespace of the host mounted, and a folder with a mount in it cannot be removed.
  await runProgram('umount', [join(dir, 'exec/netns/default')], { deadlineMs: umountDeadlineMs }).catch(() => {});
  await rm(dir, { recursive: true, force: true });
}
