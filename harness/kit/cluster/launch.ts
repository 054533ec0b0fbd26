import { spawn } from 'node:child_process';
import type { Exit, Settings } from './target.ts';

/** One life of a service, however it was brought about. */
export interface Launch {
  /** On this machine; null where it cannot be seen from here. */
  readonly pid: number | null;
  /** Never rejects. */
  readonly exited: Promise<Exit>;
  /** Absent where it cannot be taken off the network. */
  readonly network?: NetworkPlug;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** What a part is connected to all others by. */
export interface NetworkPlug {
  pull(): Promise<void>;
  /** Puts it back under the same addresses. */
  plug(): Promise<void>;
}

export interface LaunchOrder {
  readonly name: string;
  readonly entryPoint: string;
  readonly address: string;
  readonly dataDir: string | null;
  /** Its whole environment. */
  readonly environment: Settings;
  readonly logFile: string;
  /** The same, open for appending. */
  readonly log: number;
}

export type Launcher = (order: LaunchOrder) => Promise<Launch>;

/** As a child process, by the same Node that runs this. */
export const spawnLauncher: Launcher = async ({ entryPoint, environment, log }) => {
  // A process group of its own: Ctrl-C on a terminal reaches the harness alone, which then stops all in order.
  const child = spawn(process.execPath, [entryPoint], {
    env: environment,
    stdio: ['ignore', log, log],
    detached: true,
  });
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  return {
    pid: child.pid ?? null,
    exited,
    kill: async (signal) => {
      child.kill(signal);
    },
  };
};
