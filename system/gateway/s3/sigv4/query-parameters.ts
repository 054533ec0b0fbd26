import { canonicalQueryPart, decodedQueryPart } from './uri-encoding.ts';

/** The parameters of a query in the encoding that is signed, in the order in which they came. */
export class QueryParameters {
  readonly #pairs: readonly (readonly [name: string, value: string])[];

  /** Throws InvalidURI. `a`, `a=` and `a=` with an empty value are signed alike; nothing between two `&` is nothing. */
  constructor(rawQuery: string) {
    const parts = rawQuery === '' ? [] : rawQuery.split('&').filter((part) => part !== '');
    this.#pairs = parts.map((part) => {
      const equals = part.indexOf('=');
      const [name, value] = equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
      return [canonicalQueryPart(name), canonicalQueryPart(value)];
    });
  }

  /** The decoded value of the first parameter of this name, which is in lower case; clients write X-Amz- in any. */
  get(nameInLowerCase: string): string | undefined {
    const pair = this.#pairs.find(([name]) => name.toLowerCase() === nameInLowerCase);
    return pair === undefined ? undefined : decodedQueryPart(pair[1]);
  }

  /** Sorted by name, then by value, both as encoded; without the signature, which cannot sign itself. */
  canonical(): string {
    return this.#pairs
      .filter(([name]) => name.toLowerCase() !== 'x-amz-signature')
      .sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
      .map(([name, value]) => `${name}=${value}`)
      .join('&');
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
