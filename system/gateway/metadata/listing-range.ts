import type { ListingPage } from '../objects/object-ports.ts';

/** Where a page begins and its listing ends, in keys' bytes; with a marker, first comes what is behind it in `markerKey`. */
export interface ListingRange {
  readonly firstKey: Buffer;
  /** The first one that is not in the listing any more. */
  readonly endKey: Buffer;
  readonly markerKey: Buffer;
  readonly marker: string | null;
}

/** `marker` names a version or an upload of `afterKey`. */
export function listingRange(page: ListingPage, afterKey: string, marker: string | undefined): ListingRange {
  const prefix = Buffer.from(page.prefix);
  const after = Buffer.from(afterKey);
  const end = { endKey: prefix.length === 0 ? BEHIND_ALL_KEYS : behindPrefix(prefix) };
  const noMarker = { markerKey: NO_BYTES, marker: null };
  if (afterKey === '') return { ...end, ...noMarker, firstKey: prefix };

  const group = commonPrefix(afterKey, page);
  if (group === afterKey) return { ...end, ...noMarker, firstKey: behindPrefix(after) };
  const firstKey = later(prefix, Buffer.concat([after, ZERO]));
  // A key that is part of a group is not listed by itself, and so are its versions.
  const isListed = group === undefined && afterKey.startsWith(page.prefix);
  return { ...end, firstKey, ...(isListed && marker !== undefined ? { markerKey: after, marker } : noMarker) };
}

const NO_BYTES = Buffer.alloc(0);
/** The next key, in the order of bytes, is the same with this behind it. */
const ZERO = Buffer.from([0]);
/** No UTF-8 has this byte. */
const BEHIND_ALL_KEYS = Buffer.from([0xff]);

/** The first key behind all that begin with `prefix`, which is not empty: its last byte can grow, since UTF-8 ends at 0xF4. */
function behindPrefix(prefix: Buffer): Buffer {
  const behind = Buffer.from(prefix);
  const last = behind.length - 1;
  behind.writeUInt8(behind.readUInt8(last) + 1, last);
  return behind;
}

function commonPrefix(key: string, { prefix, delimiter }: ListingPage): string | undefined {
  if (delimiter === '' || !key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}

function later(a: Buffer, b: Buffer): Buffer {
  return Buffer.compare(a, b) < 0 ? b : a;
}
