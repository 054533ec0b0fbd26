import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { until } from '../../testing/until.ts';
import { imageNames } from '../../tools/containers/image-names.ts';
import { forgetChild, rememberChild } from '../exit-guard.ts';
import type { NetworkPlug } from '../launch.ts';
import { lastLines } from '../log-file.ts';
import type { PostgresProcessOptions } from '../managed-postgres.ts';
import { cpuSeconds, peakRssBytes } from '../process-facts.ts';
import { type Exit, type ManagedPostgres, StartFailed } from '../target.ts';
import { letsClientsIn } from './postgres-ready.ts';
import { type ContainerLaunch, runContainer } from './run-container.ts';

const startDeadlineMs = 90_000;
const stopDeadlineMs = 20_000;
const user = 'sextant';
const dataFolder = '/var/lib/postgresql/data';
const careless = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** PostgreSQL from an image, with the same handles as the services have. */
export class PostgresContainer implements ManagedPostgres {
  readonly name = 'postgres';
  readonly logFile: string;
  readonly address: string;
  readonly dataDir: string;
  readonly #options: PostgresProcessOptions;
  readonly #image: string;
  readonly #password: string;
  #launch: ContainerLaunch | undefined;
  #exited: Promise<Exit> = Promise.resolve({ code: null, signal: null });
  #isExpectedToEnd = false;
  /** SIGKILL has been sent, and its end has not been seen yet. */
  #isDying = false;

  constructor(options: PostgresProcessOptions, version: 15 | 18) {
    this.#options = options;
    this.#image = version === 15 ? imageNames.postgres15 : imageNames.postgres18;
    this.logFile = options.logFile;
    this.dataDir = options.dataDir;
    this.address = `127.0.0.1:${options.port}`;
    this.#password = passwordOf(options.dataDir);
  }

  get url(): string {
    return `postgres://${user}:${this.#password}@${this.address}/sextant`;
  }

  get isRunning(): boolean {
    return this.#launch !== undefined && !this.#isDying;
  }

  get pid(): number | null {
    return this.#launch?.pid ?? null;
  }

  get network(): NetworkPlug | null {
    return this.#launch?.network ?? null;
  }

  exited(): Promise<Exit> {
    return this.#exited;
  }

  async start(): Promise<void> {
    if (this.isRunning) throw new Error('PostgreSQL runs already');
    if (this.#isDying) await this.#exited;
    const launch = await this.#run();
    this.#adopt(launch);
    let isOver = false;
    void launch.exited.then(() => {
      isOver = true;
    });
    try {
      await until({ what: 'PostgreSQL to let clients in', withinMs: startDeadlineMs }, () => {
        return isOver || letsClientsIn(this.#options.port, user);
      });
    } catch {
      await this.kill('SIGKILL');
      isOver = true;
    }
    if (isOver) throw new StartFailed(await this.#explain());
    this.#isExpectedToEnd = false;
  }

  /** SIGSTOP and SIGCONT go to all its processes, every other signal to the postmaster. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const launch = this.#launch;
    const exited = this.#exited;
    if (launch === undefined) return;
    if (signal === 'SIGSTOP') return launch.freeze();
    // What is frozen takes no signal before it is thawed.
    await launch.thaw();
    if (signal === 'SIGCONT') return;
    this.#isExpectedToEnd = true;
    if (signal === 'SIGKILL') this.#isDying = true;
    await launch.kill(signal);
    if (signal === 'SIGKILL') await exited;
  }

  async stop(): Promise<void> {
    // SIGINT: without waiting for clients.
    await this.kill('SIGINT');
    const killer = setTimeout(() => this.kill('SIGKILL'), stopDeadlineMs);
    await this.#exited;
    clearTimeout(killer);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  peakRssBytes(): number | null {
    return this.pid === null ? null : peakRssBytes(this.pid);
  }

  /** Of the postmaster alone; its children are counted by PostgreSQL itself. */
  cpuSeconds(): number | null {
    return this.pid === null ? null : cpuSeconds(this.pid);
  }

  #run(): Promise<ContainerLaunch> {
    mkdirSync(dirname(this.logFile), { recursive: true });
    closeSync(openSync(this.logFile, 'a', 0o600));
    const settings = ['listen_addresses=*', 'max_connections=200', ...(this.#options.durable ? [] : careless)];
    return runContainer({
      name: this.name,
      image: this.#image,
      environment: {
        POSTGRES_USER: user,
        POSTGRES_PASSWORD: this.#password,
        POSTGRES_DB: 'sextant',
        PGDATA: `${dataFolder}/cluster`,
        ...(this.#options.durable ? {} : { POSTGRES_INITDB_ARGS: '--no-sync' }),
      },
      command: ['postgres', '-p', String(this.#options.port), ...settings.flatMap((setting) => ['-c', setting])],
      ports: [this.#options.port],
      folders: { [dataFolder]: this.dataDir },
      ...notAsRoot(),
      logFile: this.logFile,
    });
  }

  #adopt(launch: ContainerLaunch): void {
    this.#launch = launch;
    this.#isExpectedToEnd = true;
    const { pid } = launch;
    if (pid !== null) {
      rememberChild(pid, this.name);
      this.#options.onSpawn?.(this.name, pid);
    }
    this.#exited = launch.exited.then((exit) => {
      this.#launch = undefined;
      this.#isDying = false;
      if (pid !== null) forgetChild(pid);
      if (!this.#isExpectedToEnd) this.#options.onUnexpectedExit?.(this.name, exit);
      return exit;
    });
  }

  async #explain(): Promise<string> {
    const tail = lastLines(await readFile(this.logFile, 'utf8'), 12);
    return `PostgreSQL (${this.#image}) did not start on ${this.address}. The end of its log, ${this.logFile}:\n${tail}`;
  }
}

/** As root the image takes a user of its own; otherwise the data must be ours to remove. */
function notAsRoot(): { readonly user?: string } {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? {} : { user: `${uid}:${process.getgid?.()}` };
}

/** Kept with the data, which knows it. */
function passwordOf(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'password');
  try {
    return readFileSync(file, 'utf8');
  } catch {
    const password = randomBytes(24).toString('hex');
    writeFileSync(file, password, { mode: 0o600 });
    return password;
  }
}
