import type { Operation } from '../history/operations.ts';

/**
 * What the lists of S3 say of a key, by its name: each page shows every key that it goes past as it is at one moment, so a list is a
 * look at each key with its prefix. Pages of `/files` go by number and may go past one, so they are none.
 */
export function listedLooks(operations: readonly Operation[]): (key: string) => Operation[] {
  const lists = operations.flatMap((list) => {
    const { call, seen } = list;
    if (call.kind !== 'list' || call.via !== 's3' || seen?.kind !== 'keys') return [];
    return [{ list, prefix: call.prefix, values: new Map(seen.keys.map(({ key, value }) => [key, value])) }];
  });
  return (key) =>
    lists.flatMap(({ list, prefix, values }): Operation[] => {
      const value = values.get(key);
      // An ETag of no value says nothing of the order of the writes; `list-complete` reports it.
      if (!key.startsWith(prefix) || value === null) return [];
      const seen = value === undefined ? absent : ({ kind: 'content', value, version: null, wrong: null } as const);
      return [{ ...list, call: { via: 's3', kind: 'head', key }, seen }];
    });
}

const absent = { kind: 'absent' } as const;
