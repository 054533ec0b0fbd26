import { join } from 'node:path';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import type { Check } from '../../kit/mutants/mutant.ts';
import { checkName, runCheck } from './run-check.ts';

/** This tree, as it is: a check that fails here too has caught nothing. Each is asked once. */
export class CleanTree {
  readonly #options: { readonly seed: number; readonly budgetMs: number; readonly logDir: string };
  readonly #passes = new Map<string, Promise<boolean>>();

  constructor(options: { readonly seed: number; readonly budgetMs: number; readonly logDir: string }) {
    this.#options = options;
  }

  passes(check: Check): Promise<boolean> {
    const name = checkName(check);
    const known = this.#passes.get(name) ?? this.#ask(check, name);
    this.#passes.set(name, known);
    return known;
  }

  async #ask(check: Check, name: string): Promise<boolean> {
    const logFile = join(this.#options.logDir, `clean-${name.replaceAll(/[^\w.-]+/g, '-')}.log`);
    return (await runCheck(repositoryRoot, check, { ...this.#options, logFile })).outcome === 'passed';
  }
}
