import { percentDecode } from './target.ts';

/**
 * Names and values of a query, decoded; of a name that comes twice, the first. `+` is a blank, as in forms. Throws
 * InvalidURI when it is no percent-encoded UTF-8.
 */
export function parseQuery(rawQuery: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const pair of rawQuery.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = decode(at < 0 ? pair : pair.slice(0, at));
    if (!query.has(name)) query.set(name, at < 0 ? '' : decode(pair.slice(at + 1)));
  }
  return query;
}

function decode(text: string): string {
  return percentDecode(text.replaceAll('+', ' '));
}
