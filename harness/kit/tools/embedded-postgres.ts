import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, chmod, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { reachableBinaries } from './postgres/binaries.ts';
import { type Identity, ownedBy, serverIdentity } from './postgres/identity.ts';
import { clearLeftovers, clusterNameOf, processesOf, untilGone } from './postgres/processes.ts';

/**
 * A real PostgreSQL server from the binaries that npm installs, for machines that have none. It runs as an
 * ordinary user, and as root by handing the server to an unprivileged user, also where the data or the
 * binaries lie below a folder that this user may not enter (docs/decisions/0010).
 */
export interface PostgresOptions {
  /** Holds `cluster/` (PostgreSQL's own) and `password` (mode 0600). Made when missing; filled when empty. */
  readonly dataDir: string;
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** The server's own log; appended to. */
  readonly logFile: string;
  /** False trades safety in a power cut for speed: for tests that throw their data away. Default true. */
  readonly durable?: boolean;
  /** The superuser that the URL names. Counts only while the data is new. Default `sextant`. */
  readonly user?: string;
  /** Default 200. */
  readonly maxConnections?: number;
  /** Called right after the postmaster is spawned, before anything is awaited. `exited` never rejects. */
  readonly onPostmaster?: (pid: number, exited: Promise<Ended>) => void;
}

export interface RunningPostgres extends AsyncDisposable {
  /** postgres://user:password@127.0.0.1:port/sextant */
  readonly url: string;
  readonly port: number;
  /** Of the postmaster. */
  readonly pid: number;
  /** Settles when the postmaster has ended, for whatever reason. Never rejects. */
  readonly exited: Promise<Ended>;
  /**
   * `fast` (the default) ends sessions and writes a checkpoint; `immediate` leaves recovery to the next
   * start. What does not end within its deadline is killed. Safe to call twice.
   */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
  /**
   * Sends a signal to the postmaster alone, or to `all` its processes (SIGSTOP and SIGCONT make sense only
   * so). After SIGKILL it resolves when the postmaster is gone; its children may live for a moment longer.
   */
  kill(signal: NodeJS.Signals, whom?: 'postmaster' | 'all'): Promise<void>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not even be spawned. */
  readonly error?: Error;
}

/** The server could not be brought up. `message` says why, with the last lines of its log. */
export class PostgresFailed extends Error {
  override name = 'PostgresFailed';
}

const startDeadlineMs = 60_000;
const stopDeadlineMs = { fast: 20_000, immediate: 10_000 };
const initDeadlineMs = 120_000;
const database = 'sextant';
/** The working directory of a process is a magic link: it resolves without walking the folders above it. */
const hereWithoutAncestors = '/proc/self/cwd';

/** Resolves once the server takes connections. Ends a server that an earlier process left running on the same data. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const dataDir = resolve(options.dataDir);
  const clusterDir = join(dataDir, 'cluster');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await mkdir(dirname(resolve(options.logFile)), { recursive: true });
  const identity = await serverIdentity(clusterDir);
  const binaries = await reachableBinaries(identity);
  const settings = { ...options, dataDir, clusterDir, identity, binaries };
  if (!(await exists(join(clusterDir, 'PG_VERSION')))) await createCluster(settings);
  await ownedBy(clusterDir, identity);
  await clearLeftovers(await clusterNameOf(clusterDir), clusterDir);
  return launch(settings);
}

interface Settings extends PostgresOptions {
  readonly clusterDir: string;
  readonly binaries: string;
  /** Undefined: as whoever runs this process. */
  readonly identity: Identity | undefined;
}

/** Builds the cluster under another name and renames it when it is whole, so that a killed start leaves no half of one. */
async function createCluster(settings: Settings): Promise<void> {
  const unfinishedDir = `${settings.clusterDir}.new`;
  const password = randomBytes(24).toString('hex');
  const user = settings.user ?? 'sextant';
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(user)) throw new PostgresFailed(`${user} is not a plain name of a database user`);
  await rm(unfinishedDir, { recursive: true, force: true });
  await mkdir(unfinishedDir, { mode: 0o700 });
  await ownedBy(unfinishedDir, settings.identity);
  const create = { ...settings, clusterDir: unfinishedDir };

  const initdb = ['-U', user, '--auth=reject', '--no-locale', '--encoding=UTF8', '--no-instructions'];
  await runTool(create, 'initdb', [...initdb, ...(settings.durable === false ? ['--no-sync'] : [])]);
  // The single-user backend needs no authentication, so the password passes through no file and no argument.
  const statements = `ALTER ROLE "${user}" PASSWORD '${password}'\nCREATE DATABASE ${database}\n`;
  await runTool(
    create,
    'postgres',
    ['--single', '-c', 'exit_on_error=on', '-c', 'log_min_messages=panic', 'postgres'],
    statements,
  );
  await writeFile(join(unfinishedDir, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
  await writeFile(join(settings.dataDir, 'password'), `${user}:${password}\n`, { mode: 0o600 });
  await chmod(join(settings.dataDir, 'password'), 0o600);
  await rename(unfinishedDir, settings.clusterDir);
}

async function runTool(settings: Settings, tool: 'initdb' | 'postgres', args: string[], input = ''): Promise<void> {
  const [first, ...rest] = args;
  // `--single` must be the first argument of all.
  const where =
    tool === 'postgres' ? [first ?? '', '-D', whereIs(settings), ...rest] : ['-D', whereIs(settings), ...args];
  const child = spawn(join(settings.binaries, 'bin', tool), where, {
    ...spawnAs(settings),
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(initDeadlineMs),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece) => (output = `${output}${piece}`.slice(-4000)));
  child.stdin.on('error', () => {}); // A tool that ended early says why in its output.
  child.stdin.end(input);
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new PostgresFailed(`${tool} ended with ${code ?? signal}:\n${output.trim()}`);
}

async function launch(settings: Settings): Promise<RunningPostgres> {
  const port = settings.port === 0 ? await freePort() : settings.port;
  await portMustBeFree(port);
  const clusterName = await clusterNameOf(settings.clusterDir);
  await using log = await open(settings.logFile, 'a', 0o600);
  const args = ['-D', whereIs(settings), '-p', String(port), ...serverSettings(settings, clusterName)];
  // A process group of its own: Ctrl-C on a terminal reaches this process alone, which then stops things in order.
  const child = spawn(join(settings.binaries, 'bin', 'postgres'), args, {
    ...spawnAs(settings),
    stdio: ['ignore', log.fd, log.fd],
    detached: true,
  });
  const exited = new Promise<Ended>((done) => {
    child.once('exit', (code, signal) => done({ code, signal }));
    child.once('error', (error) => done({ code: null, signal: null, error }));
  });
  if (child.pid !== undefined) settings.onPostmaster?.(child.pid, exited);
  const server = new Server(child, exited, clusterName, port, await urlOf(settings.dataDir, port));
  try {
    await untilReady(settings, child, exited, port);
  } catch (error) {
    await server.stop('immediate');
    throw error;
  }
  return server;
}

class Server implements RunningPostgres {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly exited: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #clusterName: string;

  constructor(child: ChildProcess, exited: Promise<Ended>, clusterName: string, port: number, url: string) {
    this.#child = child;
    this.#clusterName = clusterName;
    this.exited = exited;
    this.port = port;
    this.url = url;
    this.pid = child.pid ?? -1;
  }

  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    // A stopped process does not act on a signal until it is continued.
    await this.kill('SIGCONT', 'all');
    this.#child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    if (await untilGone(this.#clusterName, stopDeadlineMs[mode])) {
      await this.exited;
      return;
    }
    if (mode === 'fast') return this.stop('immediate');
    await this.kill('SIGKILL', 'all');
    await this.exited;
  }

  async kill(signal: NodeJS.Signals, whom: 'postmaster' | 'all' = 'postmaster'): Promise<void> {
    if (whom === 'all') for (const pid of await processesOf(this.#clusterName)) signalQuietly(pid, signal);
    this.#child.kill(signal);
    if (signal === 'SIGKILL') await this.exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function serverSettings(settings: Settings, clusterName: string): string[] {
  const common = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: settings.maxConnections ?? 200,
    cluster_name: clusterName,
    log_checkpoints: 'off',
    log_line_prefix: '%m [%p] %a ',
  };
  const careless = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const all = { ...common, ...(settings.durable === false ? careless : {}) };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** The postmaster writes its state into the eighth line of its pid file; pg_ctl waits for the same. */
async function untilReady(
  settings: Settings,
  child: ChildProcess,
  exited: Promise<Ended>,
  port: number,
): Promise<void> {
  const until = performance.now() + startDeadlineMs;
  let ended: Ended | undefined;
  void exited.then((how) => {
    ended = how;
  });
  while (performance.now() < until) {
    if (ended !== undefined)
      throw await failed(settings, port, ended.error?.message ?? `it ended with ${ended.code ?? ended.signal}`);
    const lines = (await readFile(join(settings.clusterDir, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    const isReady = lines[0] === String(child.pid) && lines[7]?.trim() === 'ready';
    if (isReady && (await accepts(port))) return;
    await sleep(10);
  }
  throw await failed(settings, port, `it was not ready within ${startDeadlineMs / 1000} s`);
}

async function failed(settings: Settings, port: number, what: string): Promise<PostgresFailed> {
  const log = await readFile(settings.logFile, 'utf8').catch(() => '');
  const lastLines = log.trimEnd().split('\n').slice(-8).join('\n');
  return new PostgresFailed(
    `PostgreSQL did not start on 127.0.0.1:${port}: ${what}. The end of ${settings.logFile}:\n${lastLines}`,
  );
}

function whereIs(settings: Settings): string {
  return settings.identity === undefined ? settings.clusterDir : hereWithoutAncestors;
}

/** The child enters the folder while it is still root, and becomes the unprivileged user only then. */
function spawnAs(settings: Settings) {
  return {
    cwd: settings.clusterDir,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    ...(settings.identity ?? {}),
  };
}

async function urlOf(dataDir: string, port: number): Promise<string> {
  const [user, password] = (await readFile(join(dataDir, 'password'), 'utf8')).trim().split(':');
  return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new PostgresFailed('no free port was found');
  return address.port;
}

async function portMustBeFree(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new PostgresFailed(`port ${port} on 127.0.0.1 is taken: PostgreSQL cannot listen there`, { cause: error });
  }
  server.close();
  await once(server, 'close');
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(1000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between.
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
