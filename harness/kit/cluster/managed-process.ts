import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Launch, type Launcher, spawnLauncher } from './launch.ts';
import { type LogLine, lastLines, untilLogLine } from './log-file.ts';
import { type LivesOptions, ManagedLives } from './managed-lives.ts';
import { type Exit, type ManagedProcess, type Settings, StartFailed } from './target.ts';

export interface ProcessOptions extends LivesOptions {
  /** The .ts file that is run, by the same Node that runs this. */
  readonly entryPoint: string;
  readonly dataDir: string | null;
  /** Its whole environment. */
  readonly environment: Settings;
  readonly readyDeadlineMs?: number;
  /** How it is run; default: as a child process. */
  readonly launcher?: Launcher;
}

const readyDeadlineMs = 30_000;
/** Longer than the services' own shutdown deadline (10 s), which they may use up. */
const stopDeadlineMs = 15_000;

/** A service of the system, run singly, with a log file of its own. */
export class ServiceProcess extends ManagedLives<Launch> implements ManagedProcess {
  readonly dataDir: string | null;
  /** What the service said when it was ready. */
  ready: LogLine = {};
  readonly #options: ProcessOptions;
  #settings: Settings = {};

  constructor(options: ProcessOptions) {
    super(options);
    this.#options = options;
    this.dataDir = options.dataDir;
  }

  /** Resolves at the service's line `"msg":"ready"`. New settings stay for later starts. */
  protected async startLife(settings?: Settings): Promise<void> {
    if (settings !== undefined) this.#settings = settings;
    const startedAtMs = performance.now();
    const logBytesBefore = await this.#begin();
    const deadlineMs = this.#options.readyDeadlineMs ?? readyDeadlineMs;
    let exit: Exit | undefined;
    void this.exited().then((how) => {
      exit = how;
    });
    const line = await untilLogLine(this.logFile, logBytesBefore, isReadyLine, () => {
      return exit !== undefined || performance.now() - startedAtMs > deadlineMs;
    });
    if (line !== undefined) {
      this.ready = line;
      this.isExpectedToEnd = false;
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

  async stop(): Promise<void> {
    // A stopped process acts on SIGTERM only once it is continued.
    await this.kill('SIGCONT');
    await this.end('SIGTERM', stopDeadlineMs);
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
      this.adopt(await (this.#options.launcher ?? spawnLauncher)({ ...this.#options, environment, log }));
      return bytesBefore;
    } finally {
      closeSync(log);
    }
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
