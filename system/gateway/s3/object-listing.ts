import type { ListedVersion, ListingEntry } from '../objects/object-ports.ts';
import { keyEncoder } from './encoding-type.ts';
import { ownerXml } from './owner-xml.ts';
import { pageNumber } from './paging.ts';
import { type Xml, xmlElement, xmlText } from './xml/write-xml.ts';

/** AWS lists so many at a time, and at most. */
const KEYS_MAX = 1_000;

/** What all listings of objects are asked alike. */
export interface AskedListing {
  readonly prefix: string;
  /** Empty for none. */
  readonly delimiter: string;
  readonly limit: number;
  readonly encodingType: string | undefined;
  readonly encode: (text: string) => string;
}

/** Throws InvalidArgument. */
export function askedListing(query: ReadonlyMap<string, string>): AskedListing {
  const encodingType = query.get('encoding-type') || undefined;
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    limit: pageNumber('max-keys', query.get('max-keys'), KEYS_MAX),
    encodingType,
    encode: keyEncoder(encodingType),
  };
}

/** Those elements of the answer that all listings of objects have. */
export function listingXml(name: string, { prefix, delimiter, limit, encodingType, encode }: AskedListing): Xml[] {
  return [
    xmlText('Name', name),
    xmlText('Prefix', encode(prefix)),
    xmlText('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
    xmlText('MaxKeys', limit),
    xmlText('EncodingType', encodingType),
  ];
}

/** Objects or uploads, and behind them the common prefixes, each in order. */
export function entriesXml<Item>(
  entries: readonly ListingEntry<Item>[],
  encode: (text: string) => string,
  itemXml: (item: Item) => Xml,
): Xml[] {
  const items = entries.flatMap((entry) => ('item' in entry ? [itemXml(entry.item)] : []));
  const prefixes = entries.flatMap((entry) =>
    'commonPrefix' in entry ? [xmlElement('CommonPrefixes', [xmlText('Prefix', encode(entry.commonPrefix))])] : [],
  );
  return [...items, ...prefixes];
}

/** What is told of an object in every listing, in the order of AWS's schema. */
export function objectFields(version: ListedVersion, hasOwner: boolean): Xml[] {
  return [
    xmlText('LastModified', version.lastModified),
    xmlText('ETag', `"${version.etag}"`),
    xmlText('ChecksumAlgorithm', version.checksum?.algorithm),
    xmlText('ChecksumType', version.checksum?.type),
    xmlText('Size', version.sizeBytes),
    ...(hasOwner ? [ownerXml('Owner', version.owner)] : []),
    xmlText('StorageClass', version.storageClass),
  ];
}

/** Behind what the next page begins: the key, or the common prefix, that was listed last. */
export function lastName(entries: readonly ListingEntry<ListedVersion>[]): string | undefined {
  const last = entries.at(-1);
  if (last === undefined) return undefined;
  return 'item' in last ? last.item.key : last.commonPrefix;
}
