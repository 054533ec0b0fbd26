/** What of a request is signed, as it came over the wire. */
export interface IncomingHead {
  readonly method: string;
  /** As sent, undecoded, without the query. */
  readonly rawPath: string;
  /** As sent, without '?'. */
  readonly rawQuery: string;
  /** Names and values alternating, as Node's rawHeaders. */
  readonly rawHeaders: readonly string[];
}

/** Values by name in lower case, folded as Signature V4 wants them. */
export type FoldedHeaders = ReadonlyMap<string, string>;

/**
 * Folds headers: without blanks around a value, one for several within it, and repeated headers joined by commas in
 * the order in which they came. Node reads each byte of a value as one character, so that a name in UTF-8 stays what
 * the client signed as long as no one decodes it: everything here is written back as latin1.
 */
export function foldHeaders(rawHeaders: readonly string[]): FoldedHeaders {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    const value = fold(rawHeaders[at + 1] ?? '');
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return headers;
}

/** Blanks are space and tab alone: \s would eat the second byte of "à" in UTF-8, which is 0xA0. */
function fold(value: string): string {
  return value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '');
}
