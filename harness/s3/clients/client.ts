import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { forgetChild, rememberChild } from '../../kit/cluster/exit-guard.ts';
import { scratchDir } from '../../kit/cluster/scratch.ts';
import type { Exit } from '../../kit/cluster/target.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';

/** For one run of a client. */
const deadlineMs = 180_000;
const outputBytesMax = 4 * 1024 * 1024;
const tailChars = 4_000;

export interface Ended extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** A client that is at work. */
export interface RunningClient {
  /** Never rejects but for a program that cannot be started. */
  readonly ended: Promise<Ended>;
  /** SIGKILL: what it was doing stays undone. */
  kill(): void;
}

/**
 * A program of others, as a user has it: in a home folder of the case's own, which holds its settings and its caches, and with
 * no environment but what it is given.
 */
export class Client {
  readonly home: string;
  readonly #program: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;

  constructor(ctx: CaseContext, given: { program: string; home: string; env?: Readonly<Record<string, string>> }) {
    this.home = given.home;
    this.#program = given.program;
    this.#env = { HOME: given.home, LANG: 'C.UTF-8', TMPDIR: given.home, ...given.env };
    this.#signal = ctx.signal;
  }

  /** What it printed. Throws when it did not end with 0, and tells what it said then. */
  async run(...args: readonly string[]): Promise<string> {
    const ended = await this.end(...args);
    if (ended.code !== 0) throw new Error(`${this.#called(args)} ${described(ended)}`);
    return ended.stdout;
  }

  /** How it ended, well or not. */
  end(...args: readonly string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  start(...args: readonly string[]): RunningClient {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(deadlineMs)]);
    const options = { cwd: this.home, env: this.#env, signal, killSignal: 'SIGKILL' } as const;
    const child = spawn(this.#program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const { pid } = child;
    if (pid !== undefined) rememberChild(pid, this.#program);
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] = (output[name] + text).slice(-outputBytesMax);
      });
    }
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', (error) => {
        // An aborted child still ends, and tells of it by 'close'.
        if (pid === undefined) reject(new Error(`${this.#called(args)} did not start`, { cause: error }));
      });
      child.once('close', (code, killedBy) => {
        if (pid !== undefined) forgetChild(pid);
        resolve({ code, signal: killedBy, ...output });
      });
    });
    return { ended, kill: () => child.kill('SIGKILL') };
  }

  #called(args: readonly string[]): string {
    return [this.#program.split('/').at(-1), ...args].join(' ');
  }
}

/** An empty folder that goes with the case. */
export async function ownFolder(ctx: CaseContext): Promise<string> {
  const folder = await scratchDir('s3-client');
  ctx.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function described({ code, signal, stdout, stderr }: Ended): string {
  return `ended with ${code ?? signal}:\n${stdout.slice(-tailChars)}\n${stderr.slice(-tailChars)}`;
}
