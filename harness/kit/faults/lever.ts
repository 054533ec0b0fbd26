import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nodeOptions } from '../cluster/services.ts';
import type { ManagedProcess, Settings } from '../cluster/target.ts';
import { until } from '../testing/until.ts';
import { answerFile, type Control, controlVariable, nothingWrong, type Obeyed } from './preload/control.ts';

const preload = pathToFileURL(join(import.meta.dirname, 'preload/main.ts')).href;
const obeyedWithinMs = 5_000;

/** What a process must be started with, so that faults can reach into it. */
export function preloadSettings(): Settings {
  return { NODE_OPTIONS: `${nodeOptions()} --import=${preload}` };
}

/** What a process must be started with, so that a lever of the same name can be pulled later. */
export function leverSettings(controlDir: string, name: string): Settings {
  return { ...preloadSettings(), [controlVariable]: controlFileOf(controlDir, name) };
}

/** Tells a running process to go wrong, by a file that its preload reads. Faults of one process share it. */
export class Lever {
  readonly #victim: ManagedProcess;
  readonly #file: string;

  constructor(controlDir: string, victim: ManagedProcess) {
    this.#victim = victim;
    this.#file = controlFileOf(controlDir, victim.name);
  }

  /** Resolves when the process has obeyed; at once when none runs, since the next one reads it first. Throws WaitedInVain. */
  async pull(change: Partial<Omit<Control, 'revision'>>): Promise<void> {
    const now = readJson<Control>(this.#file) ?? nothingWrong;
    const control: Control = { ...now, ...change, revision: now.revision + 1 };
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.new`, JSON.stringify(control));
    renameSync(`${this.#file}.new`, this.#file);
    const what = `${this.#victim.name} to obey (it must be started with the settings of its faults)`;
    await until({ what, withinMs: obeyedWithinMs, pollMs: 10 }, () => {
      return !this.#victim.isRunning || (this.obeyed()?.revision ?? 0) >= control.revision;
    });
  }

  /** Undefined before it has ever answered. */
  obeyed(): Obeyed | undefined {
    return readJson(answerFile(this.#file));
  }
}

function controlFileOf(controlDir: string, name: string): string {
  return join(controlDir, `${name}.json`);
}

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
