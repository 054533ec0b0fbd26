import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MutantOutcome } from './try-mutant.ts';

/** `mutants.json` */
interface OutcomesFile {
  readonly seed: number;
  readonly outcomes: readonly MutantOutcome[];
}

/**
 * Writes `mutants.json` and, for people, `mutants.md`. What the folder tells already of other bugs at the same seed stays, so that a run
 * of all can be done in parts. Gives all that it tells now.
 */
export async function writeOutcomes(dir: string, { seed, outcomes }: OutcomesFile): Promise<readonly MutantOutcome[]> {
  const before = await readOutcomes(dir);
  const tried = new Set(outcomes.map(({ name }) => name));
  const kept = before?.seed === seed ? before.outcomes.filter(({ name }) => !tried.has(name)) : [];
  const all = [...kept, ...outcomes].sort((one, other) => (one.name < other.name ? -1 : 1));
  await writeFile(join(dir, 'mutants.json'), `${JSON.stringify({ seed, outcomes: all }, null, 2)}\n`);
  await writeFile(join(dir, 'mutants.md'), tableText(seed, all));
  return all;
}

async function readOutcomes(dir: string): Promise<OutcomesFile | undefined> {
  try {
    return JSON.parse(await readFile(join(dir, 'mutants.json'), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Markdown: a line for each bug. */
export function tableText(seed: number, outcomes: readonly MutantOutcome[]): string {
  const caught = outcomes.filter(({ outcome }) => outcome === 'caught').length;
  const rows = outcomes.map(({ name, breaks, outcome, by, because, checks }) => {
    const seconds = Math.round(checks.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000);
    return `| ${name} | ${breaks} | ${outcome} | ${inCell(by ?? because)} | ${seconds} s |`;
  });
  return [
    `# Planted bugs: ${caught} of ${outcomes.length} caught`,
    '',
    `Each again: \`npx sextant mutants --only NAME --seed ${seed}\``,
    '',
    '| planted bug | what it breaks | outcome | by | took |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
