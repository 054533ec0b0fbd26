import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessAbsent } from '../tools/unless-absent.ts';
import type { Judgement } from './judgement.ts';
import type { Plan } from './plan.ts';
import { planText, readPlan } from './read-plan.ts';
import type { Versions } from './versions.ts';

/**
 * The folder that a run leaves, and all that is needed to see it again: `plan.json`, `history.jsonl`, `verdict.json`,
 * `versions.json`, `settings.json` (what each part of the store was started with) and the logs of every process.
 */
export class Bundle {
  readonly dir: string;
  readonly historyFile: string;
  /** `controlDir`: through which faults reach into processes. */
  readonly folders: { readonly logDir: string; readonly controlDir: string };

  /** Throws when the folder exists already. */
  static async create(dir: string, plan: Plan): Promise<Bundle> {
    const bundle = new Bundle(dir);
    await mkdir(join(dir, '..'), { recursive: true });
    await mkdir(dir);
    for (const folder of Object.values(bundle.folders)) await mkdir(folder);
    await writeFile(join(dir, planFile), planText(plan));
    return bundle;
  }

  private constructor(dir: string) {
    this.dir = dir;
    this.historyFile = join(dir, historyFile);
    this.folders = { logDir: join(dir, 'logs'), controlDir: join(dir, 'control') };
  }

  writeVersions(versions: Versions): Promise<void> {
    return this.#write('versions.json', versions);
  }

  /** By part: `gateways`, `nodes`. */
  writeSettings(settings: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<void> {
    return this.#write('settings.json', settings);
  }

  writeJudgement(judgement: Judgement): Promise<void> {
    return this.#write(judgementFile, judgement);
  }

  #write(name: string, content: unknown): Promise<void> {
    return writeFile(join(this.dir, name), `${JSON.stringify(content, null, 2)}\n`);
  }
}

const planFile = 'plan.json';
const judgementFile = 'verdict.json';
const historyFile = 'history.jsonl';

/** Throws MalformedPlan, and what the disk says when there is none. */
export async function planOfBundle(dir: string): Promise<Plan> {
  const file = join(dir, planFile);
  return readPlan(await readFile(file, 'utf8'), file);
}

/** The checkers that said false of the run of a bundle; none where it was not judged. */
export async function brokenIn(dir: string): Promise<string[]> {
  const text = await readFile(join(dir, judgementFile), 'utf8').catch(unlessAbsent);
  if (text === undefined) return [];
  const { verdicts }: Pick<Judgement, 'verdicts'> = JSON.parse(text);
  return verdicts.filter(({ holds }) => holds === false).map(({ checker }) => checker);
}

export interface Recording {
  readonly dir: string;
  readonly text: string;
  readonly plan: Plan | undefined;
}

/** The history and the plan of a bundle, whose name may be its folder's or that of the history in it. */
export async function historyOf(path: string): Promise<Recording> {
  const dir = (await stat(path)).isDirectory() ? path : join(path, '..');
  const text = await readFile(dir === path ? join(dir, historyFile) : path, 'utf8');
  return { dir, text, plan: await planOfBundle(dir).catch(unlessAbsent) };
}
