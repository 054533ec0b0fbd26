import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcess, startMark } from './process-facts.ts';

/**
 * Which processes run over a data folder, kept in `<data folder>/processes.json` from the moment each is
 * spawned. When the harness itself is killed with -9, the next one over the same data finds what it left.
 */
export interface RecordedProcess {
  readonly name: string;
  readonly pid: number;
  /** Null where the system does not tell; such a process is never ended by its number alone. */
  readonly mark: number | null;
}

const fileName = 'processes.json';
const politeDeadlineMs = 15_000;
const killDeadlineMs = 5_000;

export class ProcessRecord {
  readonly #file: string;
  #processes: RecordedProcess[] = [];

  constructor(dataDir: string) {
    mkdirSync(dataDir, { recursive: true });
    this.#file = join(dataDir, fileName);
    // The harness comes last: what it has started ends first.
    this.add('harness', process.pid);
  }

  add(name: string, pid: number): void {
    this.#processes = this.#processes.filter((other) => other.name !== name);
    this.#processes.push({ name, pid, mark: startMark(pid) });
    this.#write();
  }

  /** Forgets all; the harness has ended what it started. */
  clear(): void {
    rmSync(this.#file, { force: true });
  }

  // Synchronous, so that no crash of the harness falls between a spawn and its record.
  #write(): void {
    writeFileSync(`${this.#file}.new`, `${JSON.stringify(this.#processes, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

export function hasRecord(dataDir: string): boolean {
  return existsSync(join(dataDir, fileName));
}

/** The recorded processes that still live. */
export function livingProcesses(dataDir: string): RecordedProcess[] {
  return readRecord(dataDir).filter(({ pid, mark }) => isSameProcess(pid, mark));
}

/** The harness that works on this data folder now, if one does. */
export function livingHarness(dataDir: string): RecordedProcess | undefined {
  return livingProcesses(dataDir).find(({ name }) => name === 'harness');
}

/**
 * Ends what a dead harness left over `dataDir`, in order: gateways, nodes, PostgreSQL. Gives back their names.
 * The caller has made sure that no harness lives.
 */
export async function endLeftovers(dataDir: string): Promise<string[]> {
  const left = livingProcesses(dataDir).filter(({ name }) => name !== 'harness');
  const ended: string[] = [];
  for (const stage of stagesOf(left)) {
    await Promise.all(stage.map((one) => endProcess(one)));
    ended.push(...stage.map(({ name }) => name));
  }
  rmSync(join(dataDir, fileName), { force: true });
  return ended;
}

function stagesOf(processes: RecordedProcess[]): RecordedProcess[][] {
  const rank = (name: string) => (name.startsWith('gateway') ? 0 : name === 'postgres' ? 2 : 1);
  return [0, 1, 2]
    .map((wanted) => processes.filter(({ name }) => rank(name) === wanted))
    .filter((one) => one.length > 0);
}

async function endProcess(one: RecordedProcess): Promise<void> {
  // PostgreSQL takes SIGTERM as "wait for the clients"; SIGINT means "fast".
  signalIfSame(one, 'SIGCONT');
  signalIfSame(one, one.name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  if (await untilGone(one, politeDeadlineMs)) return;
  signalIfSame(one, 'SIGKILL');
  if (await untilGone(one, killDeadlineMs)) return;
  throw new Error(`process ${one.pid} (${one.name}) does not end, not even by SIGKILL`);
}

async function untilGone(one: RecordedProcess, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  while (isSameProcess(one.pid, one.mark)) {
    if (performance.now() > until) return false;
    await sleep(20);
  }
  return true;
}

function signalIfSame(one: RecordedProcess, signal: NodeJS.Signals): void {
  if (!isSameProcess(one.pid, one.mark)) return;
  try {
    process.kill(one.pid, signal);
  } catch {
    // It ended in between.
  }
}

function readRecord(dataDir: string): RecordedProcess[] {
  try {
    return JSON.parse(readFileSync(join(dataDir, fileName), 'utf8'));
  } catch {
    return [];
  }
}
