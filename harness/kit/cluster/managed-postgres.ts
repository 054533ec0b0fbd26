import { type RunningPostgres, startPostgres } from '../tools/embedded-postgres.ts';
import { type LivesOptions, ManagedLives } from './managed-lives.ts';
import { type ManagedPostgres, StartFailed } from './target.ts';

export interface PostgresProcessOptions extends Omit<LivesOptions, 'name' | 'address'> {
  readonly dataDir: string;
  readonly port: number;
  /** False: the data will be thrown away, so nothing is flushed to disk. */
  readonly durable: boolean;
}

/** The embedded PostgreSQL with the same handles as the services have. */
export class PostgresProcess extends ManagedLives<RunningPostgres> implements ManagedPostgres {
  readonly dataDir: string;
  readonly #options: PostgresProcessOptions;
  #url: string | undefined;

  constructor(options: PostgresProcessOptions) {
    super({ ...options, name: 'postgres', address: `127.0.0.1:${options.port}` });
    this.#options = options;
    this.dataDir = options.dataDir;
  }

  get url(): string {
    if (this.#url === undefined) throw new Error('PostgreSQL has not been started');
    return this.#url;
  }

  protected async startLife(): Promise<void> {
    const server = await this.#launch();
    this.#url = server.url;
    this.adopt(server);
    this.isExpectedToEnd = false;
  }

  async stop(): Promise<void> {
    this.isExpectedToEnd = true;
    await this.life?.stop();
    await this.exited();
  }

  /** SIGSTOP and SIGCONT go to all its processes, every other signal to the postmaster. */
  protected override send(server: RunningPostgres, signal: NodeJS.Signals): Promise<void> {
    const isPause = signal === 'SIGSTOP' || signal === 'SIGCONT';
    return server.kill(signal, isPause ? 'all' : 'postmaster');
  }

  async #launch(): Promise<RunningPostgres> {
    try {
      return await startPostgres({
        ...this.#options,
        onPostmaster: (pid, exited) => this.noteSpawn(pid, exited),
      });
    } catch (error) {
      throw new StartFailed(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }
}
