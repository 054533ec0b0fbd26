/** A weak sign, then what stands in quotes or else without them. */
const TAG = /(W\/)?(?:"([^"]*)"|([^",\s]+))/g;

/**
 * The entity tags of an If-Match or If-None-Match header, without quotes; `*` stays. Clients of S3 leave the quotes out
 * at times. A weak tag of If-Match matches nothing (RFC 9110 section 13.1.1), so `weak` says what becomes of them.
 */
export function entityTags(header: string, weak: 'as-strong' | 'dropped'): readonly string[] {
  const tags: string[] = [];
  for (const [, isWeak, quoted, bare] of header.matchAll(TAG)) {
    if (isWeak === undefined || weak === 'as-strong') tags.push(quoted ?? bare ?? '');
  }
  return tags;
}

/** The same header with quotes where they were left out, for who reads it as RFC 9110 writes it. */
export function quoteTags(header: string | undefined): string | undefined {
  if (header === undefined || header.trim() === '*') return header;
  return header.replace(TAG, (_, isWeak = '', quoted, bare) => `${isWeak}"${quoted ?? bare}"`);
}
