import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type LogLine, untilLogLine } from '../cluster/log-file.ts';
import { type ManagedProcess, StartFailed } from '../cluster/target.ts';
import { WaitedInVain } from '../testing/until.ts';

/** A named phase of a service, as the service lists it itself (docs/failpoints.md). */
export interface Failpoint {
  readonly name: string;
  readonly file: string;
  /** What the world is like when it is reached. */
  readonly state: string;
}

export type FailpointAction = 'crash' | 'pause' | 'error' | `error:E${string}` | `delay:${number}`;

const setting = 'SEXTANT_FAILPOINTS';
const listDeadlineMs = 30_000;

/** Every failpoint of the service that this entry point starts. */
export async function failpointsOf(entryPoint: string): Promise<readonly Failpoint[]> {
  const env = { ...process.env, [setting]: 'list' };
  const { stdout } = await promisify(execFile)(process.execPath, [entryPoint], { env, timeout: listDeadlineMs });
  return JSON.parse(stdout);
}

/**
 * Starts the process again with one failpoint armed, to act the `time`-th time it is reached. Resolves when the
 * process is ready, or has reached it before it could be. Throws StartFailed when it did not start for another reason.
 */
export async function armFailpoint(
  service: ManagedProcess,
  name: string,
  action: FailpointAction,
  time = 1,
): Promise<ArmedFailpoint> {
  await service.stop();
  const armed = new ArmedFailpoint(service, name, (await stat(service.logFile)).size);
  try {
    await service.start({ [setting]: `${name}:${action}@${time}` });
  } catch (error) {
    if (!(error instanceof StartFailed) || !(await armed.wasReached())) throw error;
  }
  return armed;
}

/** Starts the process without any failpoint. */
export async function disarm(service: ManagedProcess): Promise<void> {
  await service.restart({});
}

/** Lets a process go on that is paused at a failpoint. */
export async function resume(service: ManagedProcess): Promise<void> {
  await service.kill('SIGUSR2');
}

export class ArmedFailpoint {
  readonly #service: ManagedProcess;
  readonly #name: string;
  readonly #logBytesBefore: number;

  constructor(service: ManagedProcess, name: string, logBytesBefore: number) {
    this.#service = service;
    this.#name = name;
    this.#logBytesBefore = logBytesBefore;
  }

  /** Whether the process has said so by now. */
  async wasReached(): Promise<boolean> {
    return (await this.#line(0)) !== undefined;
  }

  /** Resolves when the process says that it is there. Throws WaitedInVain. */
  async untilReached(withinMs: number): Promise<void> {
    if ((await this.#line(withinMs)) !== undefined) return;
    throw new WaitedInVain(`waited ${withinMs / 1000} s for ${this.#service.name} to reach ${this.#name}`);
  }

  #line(withinMs: number): Promise<LogLine | undefined> {
    const endAtMs = performance.now() + withinMs;
    const isMine = ({ msg, name }: LogLine) => msg === 'failpoint' && name === this.#name;
    return untilLogLine(this.#service.logFile, this.#logBytesBefore, isMine, () => performance.now() >= endAtMs);
  }
}
