/** The conditional headers of a request, as they came. */
export interface ConditionalHeaders {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifUnmodifiedSince?: string | undefined;
}

/** What the conditions are compared with. */
export interface Validators {
  /** A strong entity tag, quotes included. */
  readonly etag: string;
  readonly lastModified: Date;
}

/** Evaluates a read's conditions in the order of RFC 9110 section 13.2.2. */
export function evaluateRead(headers: ConditionalHeaders, current: Validators): 'proceed' | 'not-modified' | 'failed' {
  if (headers.ifMatch !== undefined) {
    if (!matches(headers.ifMatch, current.etag, 'strong')) return 'failed';
  } else if (isNewerThan(current.lastModified, headers.ifUnmodifiedSince) === true) {
    return 'failed';
  }
  if (headers.ifNoneMatch !== undefined) {
    return matches(headers.ifNoneMatch, current.etag, 'weak') ? 'not-modified' : 'proceed';
  }
  return isNewerThan(current.lastModified, headers.ifModifiedSince) === false ? 'not-modified' : 'proceed';
}

/** Whether a Range header still applies (RFC 9110 section 13.1.5): by strong tag, or by exact date. */
export function rangeApplies(ifRange: string | undefined, current: Validators): boolean {
  if (ifRange === undefined) return true;
  if (/^(W\/)?"/.test(ifRange)) return ifRange === current.etag;
  return Date.parse(ifRange) === wholeSeconds(current.lastModified);
}

function matches(header: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (header.trim() === '*') return true;
  const tags = header.match(/(W\/)?"[^"]*"/g) ?? [header.trim()];
  return tags.some((tag) => (comparison === 'weak' ? tag.replace(/^W\//, '') : tag) === etag);
}

/** Undefined when there is no date to compare with; a date that cannot be read is ignored, as the RFC asks. */
function isNewerThan(lastModified: Date, header: string | undefined): boolean | undefined {
  const since = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(since) ? undefined : wholeSeconds(lastModified) > since;
}

/** HTTP dates have no fractions, so neither may the side they are compared with. */
function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}
