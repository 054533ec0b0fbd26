import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { until } from '../../testing/until.ts';
import { imageNames } from '../../tools/containers/image-names.ts';
import { lastLines } from '../log-file.ts';
import { ManagedLives } from '../managed-lives.ts';
import type { PostgresProcessOptions } from '../managed-postgres.ts';
import { type ManagedPostgres, StartFailed } from '../target.ts';
import { letsClientsIn } from './postgres-ready.ts';
import { type ContainerLaunch, runContainer } from './run-container.ts';

const startDeadlineMs = 90_000;
const stopDeadlineMs = 20_000;
const user = 'sextant';
const dataFolder = '/var/lib/postgresql/data';
const careless = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** PostgreSQL from an image, with the same handles as the services have. */
export class PostgresContainer extends ManagedLives<ContainerLaunch> implements ManagedPostgres {
  readonly dataDir: string;
  readonly #options: PostgresProcessOptions;
  readonly #image: string;
  readonly #password: string;

  constructor(options: PostgresProcessOptions, version: 15 | 18) {
    super({ ...options, name: 'postgres', address: `127.0.0.1:${options.port}` });
    this.#options = options;
    this.#image = version === 15 ? imageNames.postgres15 : imageNames.postgres18;
    this.dataDir = options.dataDir;
    this.#password = passwordOf(options.dataDir);
  }

  get url(): string {
    return `postgres://${user}:${this.#password}@${this.address}/sextant`;
  }

  protected async startLife(): Promise<void> {
    const launch = await this.#run();
    this.adopt(launch);
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
    this.isExpectedToEnd = false;
  }

  stop(): Promise<void> {
    // SIGINT: without waiting for clients.
    return this.end('SIGINT', stopDeadlineMs);
  }

  /** SIGSTOP and SIGCONT go to all its processes, every other signal to the postmaster. */
  protected override async send(launch: ContainerLaunch, signal: NodeJS.Signals): Promise<void> {
    if (signal === 'SIGSTOP') return launch.freeze();
    // What is frozen takes no signal before it is thawed.
    await launch.thaw();
    if (signal !== 'SIGCONT') await launch.kill(signal);
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
