import { type RunningPostgres, startPostgres } from '../tools/embedded-postgres.ts';
import { forgetChild, rememberChild } from './exit-guard.ts';
import { cpuSeconds, peakRssBytes } from './process-facts.ts';
import { type Exit, type ManagedPostgres, StartFailed } from './target.ts';

export interface PostgresProcessOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly logFile: string;
  /** False: the data will be thrown away, so nothing is flushed to disk. */
  readonly durable: boolean;
  readonly onSpawn?: (name: string, pid: number) => void;
  readonly onUnexpectedExit?: (name: string, exit: Exit) => void;
}

/** The embedded PostgreSQL with the same handles as the services have. */
export class PostgresProcess implements ManagedPostgres {
  readonly name = 'postgres';
  readonly network = null;
  readonly logFile: string;
  readonly address: string;
  readonly dataDir: string;
  readonly #options: PostgresProcessOptions;
  #server: RunningPostgres | undefined;
  #url: string | undefined;
  #exited: Promise<Exit> = Promise.resolve({ code: null, signal: null });
  #isExpectedToEnd = false;

  constructor(options: PostgresProcessOptions) {
    this.#options = options;
    this.logFile = options.logFile;
    this.dataDir = options.dataDir;
    this.address = `127.0.0.1:${options.port}`;
  }

  get url(): string {
    if (this.#url === undefined) throw new Error('PostgreSQL has not been started');
    return this.#url;
  }

  get isRunning(): boolean {
    return this.#server !== undefined;
  }

  get pid(): number | null {
    return this.#server?.pid ?? null;
  }

  exited(): Promise<Exit> {
    return this.#exited;
  }

  async start(): Promise<void> {
    if (this.isRunning) throw new Error(`PostgreSQL runs already (process ${this.pid})`);
    const server = await this.#launch();
    this.#server = server;
    this.#url = server.url;
    this.#isExpectedToEnd = false;
    rememberChild(server.pid, this.name);
    this.#options.onSpawn?.(this.name, server.pid);
    this.#exited = server.exited.then((exit) => {
      forgetChild(server.pid);
      if (this.#server === server) this.#server = undefined;
      if (!this.#isExpectedToEnd) this.#options.onUnexpectedExit?.(this.name, exit);
      return exit;
    });
  }

  /** SIGSTOP and SIGCONT go to all its processes, every other signal to the postmaster. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const isPause = signal === 'SIGSTOP' || signal === 'SIGCONT';
    if (!isPause) this.#isExpectedToEnd = true;
    await this.#server?.kill(signal, isPause ? 'all' : 'postmaster');
    if (signal === 'SIGKILL') await this.#exited;
  }

  async stop(): Promise<void> {
    this.#isExpectedToEnd = true;
    await this.#server?.stop();
    await this.#exited;
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

  async #launch(): Promise<RunningPostgres> {
    try {
      return await startPostgres(this.#options);
    } catch (error) {
      throw new StartFailed(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }
}
