import { forgetChild, rememberChild } from './exit-guard.ts';
import type { Launch, NetworkPlug } from './launch.ts';
import { cpuSeconds, peakRssBytes } from './process-facts.ts';
import type { Exit, Settings } from './target.ts';

export interface LivesOptions {
  readonly name: string;
  readonly logFile: string;
  /** host:port */
  readonly address: string;
  /** Called right after each spawn, before anything is awaited. */
  readonly onSpawn?: (name: string, pid: number) => void;
  /** Called when it ends although nobody asked for it. */
  readonly onUnexpectedExit?: (name: string, exit: Exit) => void;
}

const endingSignals: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGTERM', 'SIGINT'];

/** What all managed processes have in common: one life after another under one name, and what is known of the present one. */
export abstract class ManagedLives<Life extends Launch> {
  readonly name: string;
  readonly logFile: string;
  readonly address: string;
  /** The present one. */
  protected life: Life | undefined;
  /** Nobody is told of its end: it was asked for, or it comes before the start is over, which reports it. */
  protected isExpectedToEnd = false;
  readonly #options: LivesOptions;
  #exited: Promise<Exit> = Promise.resolve({ code: null, signal: null });
  #lastStart: Promise<void> = Promise.resolve();
  #notedPid: number | undefined;
  /** SIGKILL has been sent, and its end has not been seen yet. */
  #isDying = false;

  constructor(options: LivesOptions) {
    this.#options = options;
    this.name = options.name;
    this.logFile = options.logFile;
    this.address = options.address;
  }

  abstract stop(): Promise<void>;

  /** Resolves when the new life, which it has adopted, is ready. */
  protected abstract startLife(settings?: Settings): Promise<void>;

  /**
   * Throws when one runs. A start that has failed may still be ending its own life, and one that goes on has not adopted it
   * yet: the next one waits for both.
   */
  start(settings?: Settings): Promise<void> {
    const started = this.#lastStart.then(async () => {
      await this.#mayStart();
      await this.startLife(settings);
    });
    this.#lastStart = started.catch(() => {});
    return started;
  }

  async restart(settings?: Settings): Promise<void> {
    await this.stop();
    await this.start(settings);
  }

  get isRunning(): boolean {
    return this.life !== undefined && !this.#isDying;
  }

  get pid(): number | null {
    return this.life?.pid ?? null;
  }

  get network(): NetworkPlug | null {
    return this.life?.network ?? null;
  }

  exited(): Promise<Exit> {
    return this.#exited;
  }

  /** Of the process itself; the children of PostgreSQL's postmaster are counted by PostgreSQL. */
  peakRssBytes(): number | null {
    return this.pid === null ? null : peakRssBytes(this.pid);
  }

  cpuSeconds(): number | null {
    return this.pid === null ? null : cpuSeconds(this.pid);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const { life } = this;
    if (life === undefined) return;
    // This life's end: the next life may have begun when the engine has answered.
    const exited = this.#exited;
    if (endingSignals.includes(signal)) this.isExpectedToEnd = true;
    if (signal !== 'SIGKILL') return this.send(life, signal);
    this.#isDying = true;
    try {
      await this.send(life, signal);
    } catch (error) {
      if (this.life === life) this.#isDying = false;
      throw error;
    }
    await exited;
  }

  protected send(life: Life, signal: NodeJS.Signals): Promise<void> {
    return life.kill(signal);
  }

  /** Sends `signal`, and SIGKILL after the deadline. Resolves when it is gone; throws what either is refused with. */
  protected async end(signal: NodeJS.Signals, deadlineMs: number): Promise<void> {
    if (this.life === undefined) return;
    await this.kill(signal);
    const killed = Promise.withResolvers<void>();
    const killer = setTimeout(() => this.kill('SIGKILL').then(killed.resolve, killed.reject), deadlineMs);
    await Promise.race([this.#exited, killed.promise]);
    clearTimeout(killer);
  }

  /** Resolves when the one before is over. Throws when it runs. */
  async #mayStart(): Promise<void> {
    if (this.isRunning) throw new Error(`${this.name} runs already (process ${this.pid})`);
    if (this.#isDying) await this.#exited;
  }

  /** For a life that takes a while to be adopted: whatever ends the harness meanwhile must find it. */
  protected noteSpawn(pid: number, exited: Promise<unknown>): void {
    if (this.#notedPid === pid) return;
    this.#notedPid = pid;
    rememberChild(pid, this.name);
    this.#options.onSpawn?.(this.name, pid);
    void exited.then(() => {
      this.#notedPid = undefined;
      forgetChild(pid);
    });
  }

  /** From now on this is the present one. Its end is expected until the subclass, having seen it ready, says otherwise. */
  protected adopt(life: Life): void {
    const { pid } = life;
    this.life = life;
    this.isExpectedToEnd = true;
    if (pid !== null) this.noteSpawn(pid, life.exited);
    this.#exited = life.exited.then((exit) => {
      this.life = undefined;
      this.#isDying = false;
      if (!this.isExpectedToEnd) this.#options.onUnexpectedExit?.(this.name, exit);
      return exit;
    });
  }
}
