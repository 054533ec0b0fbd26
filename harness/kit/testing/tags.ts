/** `slow`: minutes. `large`: moves a GB or more. `concurrent`: many clients at once. */
export const allTags = ['slow', 'large', 'concurrent'] as const;
export type Tag = (typeof allTags)[number];

/** Which tags a case must and must not have. */
export interface TagFilter {
  /** Empty: any. Otherwise the case has at least one of them. */
  readonly wanted: readonly Tag[];
  readonly unwanted: readonly Tag[];
}

/** Reads `slow,concurrent` and `!large`. Throws RangeError that names an unknown tag. */
export function parseTagFilter(text: string): TagFilter {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  return {
    wanted: words.filter((word) => !word.startsWith('!')).map(tag),
    unwanted: words.filter((word) => word.startsWith('!')).map((word) => tag(word.slice(1))),
  };
}

export function matchesTags(tags: readonly Tag[], filter: TagFilter): boolean {
  if (filter.unwanted.some((one) => tags.includes(one))) return false;
  return filter.wanted.length === 0 || filter.wanted.some((one) => tags.includes(one));
}

function tag(word: string): Tag {
  const known = allTags.find((one) => one === word);
  if (known === undefined) throw new RangeError(`there is no tag "${word}"; the tags are ${allTags.join(', ')}`);
  return known;
}
