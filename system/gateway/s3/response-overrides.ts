import { headerValue } from './request-headers.ts';

const overrides: Readonly<Record<string, string>> = {
  'response-cache-control': 'cache-control',
  'response-content-disposition': 'content-disposition',
  'response-content-encoding': 'content-encoding',
  'response-content-language': 'content-language',
  'response-content-type': 'content-type',
  'response-expires': 'expires',
};

/** Headers that the query asks to be answered instead of the object's own. Throws InvalidArgument. */
export function overriddenHeaders(query: ReadonlyMap<string, string>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [parameter, name] of Object.entries(overrides)) {
    const value = query.get(parameter);
    if (value !== undefined) headers[name] = headerValue(parameter, value);
  }
  return headers;
}
