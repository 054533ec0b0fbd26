import { byBytes } from './odd-keys.ts';

/**
 * What a listing must hold, by its definition: keys and common prefixes in the order of their bytes, each once. A prefix is
 * listed when a key behind the marker has it.
 */
export function expectedListing(
  keys: readonly string[],
  asked: { readonly Prefix: string; readonly Delimiter: string; readonly StartAfter: string },
): string[] {
  const { Prefix, Delimiter, StartAfter } = asked;
  const entries = keys
    .filter((key) => key.startsWith(Prefix) && byBytes(key, StartAfter) > 0)
    .map((key) => {
      const end = Delimiter === '' ? -1 : key.indexOf(Delimiter, Prefix.length);
      return end < 0 ? key : key.slice(0, end + Delimiter.length);
    });
  return [...new Set(entries)].sort(byBytes);
}
