import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { forgetChild, rememberChild } from './exit-guard.ts';
import { type Launch, type Launcher, type NetworkPlug, spawnLauncher } from './launch.ts';
import { type LogLine, lastLines, untilLogLine } from './log-file.ts';
import { cpuSeconds, peakRssBytes } from './process-facts.ts';
import { type Exit, type ManagedProcess, type Settings, StartFailed } from './target.ts';

export interface ProcessOptions {
  readonly name: string;
  /** The .ts file that is run, by the same Node that runs this. */
  readonly entryPoint: string;
  readonly logFile: string;
  readonly address: string;
  readonly dataDir: string | null;
  /** Its whole environment. */
  readonly environment: Settings;
  /** Called right after each spawn, before anything is awaited. */
  readonly onSpawn?: (name: string, pid: number) => void;
  /** Called when it ends although nobody asked for it. */
  readonly onUnexpectedExit?: (name: string, exit: Exit) => void;
  readonly readyDeadlineMs?: number;
  /** How it is run; default: as a child process. */
  readonly launcher?: Launcher;
}

const readyDeadlineMs = 30_000;
/** Longer than the services' own shutdown deadline (10 s), which they may use up. */
const stopDeadlineMs = 15_000;

/** A service of the system, run singly, with a log file of its own. */
export class ServiceProcess implements ManagedProcess {
  readonly name: string;
  readonly logFile: string;
  readonly address: string;
  readonly dataDir: string | null;
  /** What the service said when it was ready. */
  ready: LogLine = {};
  readonly #options: ProcessOptions;
  #settings: Settings = {};
  #launch: Launch | undefined;
  #exited: Promise<Exit> = Promise.resolve({ code: null, signal: null });
  #isExpectedToEnd = false;
  /** SIGKILL has been sent, and its end has not been seen yet. */
  #isDying = false;

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.name = options.name;
    this.logFile = options.logFile;
    this.address = options.address;
    this.dataDir = options.dataDir;
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

  /** Resolves at the service's line `"msg":"ready"`. New settings stay for later starts. */
  async start(settings?: Settings): Promise<void> {
    if (this.isRunning) throw new Error(`${this.name} runs already (process ${this.pid})`);
    if (this.#isDying) await this.#exited;
    if (settings !== undefined) this.#settings = settings;
    const startedAtMs = performance.now();
    const logBytesBefore = await this.#begin();
    const deadlineMs = this.#options.readyDeadlineMs ?? readyDeadlineMs;
    let exit: Exit | undefined;
    void this.#exited.then((how) => {
      exit = how;
    });
    const line = await untilLogLine(this.logFile, logBytesBefore, isReadyLine, () => {
      return exit !== undefined || performance.now() - startedAtMs > deadlineMs;
    });
    if (line !== undefined) {
      this.ready = line;
      this.#isExpectedToEnd = false;
      return;
    }
    const afterSeconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    const what =
      exit === undefined
        ? `it was not ready within ${deadlineMs / 1000} s`
        : `it ended with ${exit.signal ?? `exit code ${exit.code}`} after ${afterSeconds} s`;
    await this.kill('SIGKILL');
    throw new StartFailed(await this.#explain(what, logBytesBefore));
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    if (this.#launch === undefined) return;
    if (signal === 'SIGKILL' || signal === 'SIGTERM' || signal === 'SIGINT') this.#isExpectedToEnd = true;
    // This life's end: the next life may have begun when the engine has answered.
    const exited = this.#exited;
    if (signal === 'SIGKILL') this.#isDying = true;
    await this.#launch.kill(signal);
    if (signal === 'SIGKILL') await exited;
  }

  async stop(): Promise<void> {
    if (this.#launch === undefined) return;
    // A stopped process acts on SIGTERM only once it is continued.
    await this.kill('SIGCONT');
    await this.kill('SIGTERM');
    const killer = setTimeout(() => this.kill('SIGKILL'), stopDeadlineMs);
    await this.#exited;
    clearTimeout(killer);
  }

  async restart(settings?: Settings): Promise<void> {
    await this.stop();
    await this.start(settings);
  }

  peakRssBytes(): number | null {
    return this.pid === null ? null : peakRssBytes(this.pid);
  }

  cpuSeconds(): number | null {
    return this.pid === null ? null : cpuSeconds(this.pid);
  }

  /** Settings that are known only at the moment of the start. */
  protected lateSettings(): Settings {
    return {};
  }

  /** Gives back how long the log was before. */
  async #begin(): Promise<number> {
    mkdirSync(dirname(this.logFile), { recursive: true });
    const log = openSync(this.logFile, 'a', 0o600);
    try {
      const bytesBefore = fstatSync(log).size;
      const environment = { ...this.#options.environment, ...this.lateSettings(), ...this.#settings };
      this.#adopt(await (this.#options.launcher ?? spawnLauncher)({ ...this.#options, environment, log }));
      return bytesBefore;
    } finally {
      closeSync(log);
    }
  }

  #adopt(launch: Launch): void {
    this.#launch = launch;
    const { pid } = launch;
    // Until it is ready, its end is reported by start().
    this.#isExpectedToEnd = true;
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

  async #explain(what: string, logBytesBefore: number): Promise<string> {
    const log = (await readFile(this.logFile)).subarray(logBytesBefore).toString();
    const tail = lastLines(log, 12);
    return [
      `${this.name} (${this.address}) did not start: ${what}.`,
      tail === '' ? `It wrote nothing to ${this.logFile}.` : `The end of its log, ${this.logFile}:\n${tail}`,
    ].join('\n');
  }
}

function isReadyLine(line: LogLine): boolean {
  return line.msg === 'ready';
}
