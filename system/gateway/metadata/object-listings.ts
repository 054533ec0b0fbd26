import type { Account } from '../objects/account-ports.ts';
import type {
  Listed,
  ListedUpload,
  ListedVersion,
  ListingEntry,
  ListingPage,
  ObjectListings,
} from '../objects/object-ports.ts';
import { type Database, idempotent } from './database.ts';
import { listingRange } from './listing-range.ts';

/** Pages of keys, versions and uploads. Where the work is done: migrations/0007_listings.sql. */
export function objectListings(database: Database): ObjectListings {
  async function list<Row extends EntryRow, Item>(
    name: keyof typeof listings,
    bucketId: string,
    page: ListingPage,
    after: { readonly key: string; readonly marker: string | undefined },
    itemOf: (row: Row) => Item,
  ): Promise<Listed<Item>> {
    if (page.limit === 0) return { entries: [], isTruncated: false };
    const { firstKey, endKey, markerKey, marker } = listingRange(page, after.key, after.marker);
    const [prefix, delimiter] = [Buffer.from(page.prefix), Buffer.from(page.delimiter)];
    // One more than is shown tells whether there is more.
    const values = [bucketId, prefix, delimiter, firstKey, endKey, markerKey, marker, page.limit + 1];
    const rows = await database.query<Row>(name, listings[name], values, idempotent);
    const entries = rows.slice(0, page.limit).map((row): ListingEntry<Item> => {
      return row.is_prefix ? { commonPrefix: row.object_key.toString() } : { item: itemOf(row) };
    });
    return { entries, isTruncated: rows.length > page.limit };
  }

  return {
    listObjects: (bucketId, page) =>
      list('list_objects', bucketId, page, { key: page.after, marker: undefined }, listedVersion),
    listVersions: (bucketId, page) =>
      list('list_versions', bucketId, page, { key: page.afterKey, marker: page.afterVersionId }, listedVersion),
    listUploads: (bucketId, page) =>
      list('list_uploads', bucketId, page, { key: page.afterKey, marker: page.afterUploadId }, listedUpload),
  };
}

const listings = {
  list_objects: listing('list_objects'),
  list_versions: listing('list_versions'),
  list_uploads: listing('list_uploads'),
};

function listing(functionName: string): string {
  return `
  SELECT l.*, l.owner_id IS NULL AS is_prefix, a.display_name, a.email
  FROM ${functionName}($1, $2, $3, $4, $5, $6, $7, $8) WITH ORDINALITY AS l
  LEFT JOIN accounts a ON a.account_id = l.owner_id
  ORDER BY l.ordinality`;
}

interface EntryRow {
  readonly is_prefix: boolean;
  /** Or the common prefix, and everything else is null. */
  readonly object_key: Buffer;
}

interface ItemRow extends EntryRow {
  readonly owner_id: string;
  readonly display_name: string;
  readonly email: string | null;
  readonly checksum_algorithm: NonNullable<ListedVersion['checksum']>['algorithm'] | null;
  readonly checksum_type: NonNullable<ListedVersion['checksum']>['type'] | null;
  readonly storage_class: string | null;
}

interface VersionRow extends ItemRow {
  readonly version_id: string;
  readonly is_latest: boolean;
  readonly is_delete_marker: boolean;
  readonly last_modified: Date;
  readonly size_bytes: number;
  readonly etag: string;
}

function listedVersion(row: VersionRow): ListedVersion {
  return {
    key: row.object_key.toString(),
    versionId: row.version_id,
    isLatest: row.is_latest,
    isDeleteMarker: row.is_delete_marker,
    lastModified: row.last_modified,
    owner: ownerOf(row),
    sizeBytes: row.size_bytes,
    etag: row.etag,
    storageClass: row.storage_class ?? STANDARD,
    checksum:
      row.checksum_algorithm === null || row.checksum_type === null
        ? undefined
        : { algorithm: row.checksum_algorithm, type: row.checksum_type },
  };
}

interface UploadRow extends ItemRow {
  readonly upload_id: string;
  readonly initiated_at: Date;
}

function listedUpload(row: UploadRow): ListedUpload {
  return {
    uploadId: row.upload_id,
    key: row.object_key.toString(),
    initiatedAt: row.initiated_at,
    owner: ownerOf(row),
    storageClass: row.storage_class ?? STANDARD,
    checksumAlgorithm: row.checksum_algorithm ?? undefined,
    checksumType: row.checksum_type ?? undefined,
  };
}

/** Of a delete marker, which has no attributes. */
const STANDARD = 'STANDARD';

function ownerOf(row: ItemRow): Account {
  return { accountId: row.owner_id, displayName: row.display_name, email: row.email };
}
