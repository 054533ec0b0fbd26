import type { Operation } from '../history/operations.ts';
import type { Verdict } from './verdict.ts';

export function holding(checker: string, because: string): Verdict {
  return { checker, holds: true, because, operations: [] };
}

export function undecided(checker: string, because: string): Verdict {
  return { checker, holds: 'unknown', because, operations: [] };
}

export function violated(checker: string, because: string, shown: readonly Operation[]): Verdict {
  return { checker, holds: false, because, operations: shown.map(({ op }) => op) };
}

const shownMax = 3;

/** The first of them, and how many more there are. */
export function inShort(things: readonly string[]): string {
  const more = things.length > shownMax ? ` and ${things.length - shownMax} more` : '';
  return `${things.slice(0, shownMax).join(', ')}${more}`;
}
