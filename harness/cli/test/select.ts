import { matchesTags, type TagFilter } from '../../kit/testing/tags.ts';
import type { FoundCase } from './discover.ts';

export interface Selection {
  /** Ids; empty: any. A case that is named runs whatever its tags are. */
  readonly cases: readonly string[];
  readonly tags: TagFilter;
  readonly skipSlow: boolean;
  readonly phase: number | null;
  readonly shard: Shard | null;
}

/** Part `index` (from 1) of `of` parts. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

export function selectCases(all: readonly FoundCase[], selection: Selection): FoundCase[] {
  const named = selection.cases.map((id) => id.toLowerCase());
  const chosen = all.filter((one) => {
    if (selection.phase !== null && one.phase !== selection.phase) return false;
    if (named.length > 0) return named.includes(one.id.toLowerCase());
    if (selection.skipSlow && one.tags.includes('slow')) return false;
    return matchesTags(one.tags, selection.tags);
  });
  return selection.shard === null ? chosen : shardOf(chosen, selection.shard);
}

/** Every n-th: neighbours in a file take about the same time, so dealing them out keeps the parts even. */
export function shardOf<T>(all: readonly T[], { index, of }: Shard): T[] {
  return all.filter((_, position) => position % of === index - 1);
}

/** Ids that no case has. */
export function unknownCases(all: readonly FoundCase[], wanted: readonly string[]): string[] {
  return wanted.filter((id) => !all.some((one) => one.id.toLowerCase() === id.toLowerCase()));
}
