import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from '../cluster/target.ts';
import { Choices } from '../seed/choices.ts';
import type { Note } from './case-record.ts';
import type { Tier } from './tiers.ts';

/** Ends a case as not checked, never as passed: this machine lacks what it needs. */
export class NotChecked extends Error {
  override name = 'NotChecked';
}

type Cleanup = () => PromiseLike<void> | void;

/** What a case gets to work with. */
export class CaseContext {
  readonly id: string;
  /** Of this case: the run's seed mixed with the id, so that no two cases work with the same content. */
  readonly seed: string;
  /** How far to go: `ctx.tier === 'full' ? 500 : 40` interruptions. */
  readonly tier: Tier;
  /** Choices that the seed decides. */
  readonly choices: Choices;
  /** Aborted when the case has run out of time. */
  readonly signal: AbortSignal;
  readonly notes: Note[] = [];
  readonly #logDir: string;
  readonly #target: Target | undefined;
  readonly #cleanups: Cleanup[] = [];
  #logDirs = 0;

  constructor(given: {
    id: string;
    runSeed: number;
    tier: Tier;
    logDir: string;
    target: Target | undefined;
    signal: AbortSignal;
  }) {
    this.id = given.id;
    this.tier = given.tier;
    this.seed = `${given.runSeed}/${given.id}`;
    this.choices = new Choices(this.seed);
    this.signal = given.signal;
    this.#logDir = given.logDir;
    this.#target = given.target;
  }

  /** The store that all cases share. Do not break it: a case that does starts its own (fixtures.ts). */
  get target(): Target {
    if (this.#target === undefined) throw new Error(`${this.id} is declared with cluster: 'own', so it shares none`);
    return this.#target;
  }

  /** Puts a figure into the report: `ctx.note('MB/s up', 312)`. */
  note(label: string, value: number | string): void {
    this.notes.push({ label, value });
  }

  /** Runs at the end of the case, last one first, whatever became of it. */
  defer(cleanup: Cleanup): void {
    this.#cleanups.push(cleanup);
  }

  /** A folder for logs; kept when the case fails, removed when it passes. */
  newLogDir(label: string): string {
    this.#logDirs += 1;
    const dir = join(this.#logDir, `${label}-${this.#logDirs}`);
    mkdirSync(dir, { recursive: true });
    return dir;
  }

  /** Called by the kit. Gives back what the cleanups failed with. */
  async cleanUp(): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (let cleanup = this.#cleanups.pop(); cleanup !== undefined; cleanup = this.#cleanups.pop()) {
      try {
        await cleanup();
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }
}
